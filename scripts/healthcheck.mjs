/** Whether the process in this container is ready: the answer of its own /health/ready. */
const port = process.env.FELINAR_OPERATIONS_PORT ?? process.env.FELINAR_HTTP_PORT ?? '3000';
try {
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(4_000) });
  if (!response.ok) console.error(await response.text());
  process.exit(response.ok ? 0 : 1);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
