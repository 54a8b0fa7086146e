export function runbookProblems(root?: string): string[];
