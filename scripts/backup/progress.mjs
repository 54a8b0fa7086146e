/** Says how far it is, every few seconds. */
const EVERY_MS = 5_000;

export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

/** Call `add` for bytes and `at` for what is being worked on; `end` when it is over. */
export function startProgress(total) {
  let bytes = 0;
  let doing = '';
  const timer = setInterval(() => {
    const of = total === undefined ? '' : ` of ${megabytes(total)}`;
    console.log(`  … ${megabytes(bytes)}${of}${doing === '' ? '' : `, ${doing}`}`);
  }, EVERY_MS);
  return {
    add: (more) => (bytes += more),
    at: (what) => (doing = what),
    end: () => clearInterval(timer),
    get bytes() {
      return bytes;
    },
  };
}
