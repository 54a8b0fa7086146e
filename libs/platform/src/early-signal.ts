const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * A process that is asked to stop while it starts stops at once, and well: it has begun nothing that a killed one would lose. Returns what
 * ends this, once the process stops in order.
 */
export function exitOnEarlySignal(): () => void {
  const leave = () => process.exit(0);
  for (const signal of SIGNALS) process.once(signal, leave);
  return () => {
    for (const signal of SIGNALS) process.off(signal, leave);
  };
}
