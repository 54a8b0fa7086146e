import type { Linter } from 'eslint';

export function importRules(): Linter.Config[];
