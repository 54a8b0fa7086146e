/**
 * The address of a site, device or lamp as it stands in topics, payloads and URLs: 1 to 64 letters, digits and `. _ ~ -`,
 * beginning with a letter or a digit. (No `/ + #`: they mean something in MQTT topics.)
 */
export const ADDRESS_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._~-]{0,63}$/;

/** Whether `text` can be the address of a site, device or lamp. */
export function isAddress(text: string): boolean {
  return ADDRESS_PATTERN.test(text);
}
