export interface Scale {
  readonly lamps: number;
  readonly messagesPerS: number;
  readonly rowsPerDay: number;
  readonly rawGbPerYear: number;
  readonly compressedGbPerYear: number;
  readonly keptGb: number;
  readonly connections: number;
  readonly processes: number;
  readonly cores: number;
  readonly machines: number;
  readonly chunkGb: number;
  readonly chunkHours: number;
}
export function scale(
  measured: unknown,
  options: { readonly lamps: number; readonly intervalS?: number; readonly perMessage?: number },
): Scale;
export function storageSection(measured: unknown): string;
export function scalingSection(measured: unknown): string;
