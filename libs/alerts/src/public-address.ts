/** Which addresses a webhook may be sent to: those of the public internet, and none that could be a neighbour of the server. */

/** IPv4 networks that are not public (IANA special-purpose registry). */
const SPECIAL_V4: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];

/** Whether an IP address, as a resolver or a URL writes it, is one of the public internet. Anything that is no address is not. */
export function isPublicAddress(address: string): boolean {
  const plain = address.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  return plain.includes(':') ? isPublicV6(plain) : isPublicV4(plain);
}

/** Where webhooks may go beside the public internet: nowhere (false), everywhere (true), or into networks such as `10.20.0.0/16` or `fd00:1::/64`. */
export type PrivateTargets = boolean | readonly string[];

/** Whether a webhook may go to an IP address. */
export function isAllowedAddress(address: string, allowed: PrivateTargets): boolean {
  if (typeof allowed === 'boolean') return allowed || isPublicAddress(address);
  return isPublicAddress(address) || allowed.some((network) => isInNetwork(address, network));
}

/** Whether a text is a network as `PrivateTargets` has them; an address alone is one too. */
export function isNetwork(text: string): boolean {
  return networkOf(text) !== undefined;
}

function isInNetwork(address: string, network: string): boolean {
  const found = networkOf(network);
  const number = numberOf(address.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, ''));
  if (found === undefined || number === undefined || number.length !== found.length) return false;
  const shift = BigInt(found.length - found.bits);
  return number.value >> shift === found.value >> shift;
}

function networkOf(text: string): { value: bigint; length: 32 | 128; bits: number } | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  const number = numberOf(address);
  if (number === undefined || rest.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return undefined;
  const count = bits === undefined ? number.length : Number(bits);
  return count > number.length ? undefined : { ...number, bits: count };
}

/** An IPv6 address that stands for an IPv4 one is that one. */
function numberOf(address: string): { value: bigint; length: 32 | 128 } | undefined {
  if (!address.includes(':')) {
    const number = numberOfV4(address);
    return number === undefined ? undefined : { value: BigInt(number), length: 32 };
  }
  const words = wordsOfV6(address);
  if (words === undefined) return undefined;
  const value = words.reduce((sum, word) => (sum << 16n) + BigInt(word), 0n);
  return value >> 32n === 0xffffn ? { value: value & 0xffff_ffffn, length: 32 } : { value, length: 128 };
}

function isPublicV4(address: string): boolean {
  return numberOfV4(address) !== undefined && !SPECIAL_V4.some((network) => isInNetwork(address, network));
}

function numberOfV4(address: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** Global unicast (2000::/3) without what is set aside in it; addresses that stand for IPv4 ones count as these. */
function isPublicV6(address: string): boolean {
  const words = wordsOfV6(address);
  if (words === undefined) return false;
  const [first = 0, second = 0] = words;
  const last = `${(words[6] ?? 0) >> 8}.${(words[6] ?? 0) & 255}.${(words[7] ?? 0) >> 8}.${(words[7] ?? 0) & 255}`;
  const isMapped = words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff;
  const isTranslated = first === 0x64 && second === 0xff9b && words.slice(2, 6).every((word) => word === 0);
  if (isMapped || isTranslated) return isPublicV4(last);
  if (first >> 13 !== 1) return false;
  const isSetAside = first === 0x2001 && (second < 0x200 || second === 0xdb8);
  const isDocumentation = first === 0x3fff && second < 0x1000;
  return !isSetAside && !isDocumentation && first !== 0x2002;
}

function wordsOfV6(address: string): number[] | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const number = dotted === null ? undefined : numberOfV4(dotted[2] as string);
  if (dotted !== null && number === undefined) return undefined;
  const text =
    number === undefined
      ? address
      : `${dotted?.[1]}${Math.floor(number / 65_536).toString(16)}:${(number % 65_536).toString(16)}`;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const words = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  return words.every((word) => /^[0-9a-f]{1,4}$/i.test(word)) ? words.map((word) => parseInt(word, 16)) : undefined;
}

/** What is wrong with a URL as the target of a webhook, before its name is resolved; undefined when nothing is. */
export function webhookUrlProblem(text: string, allowed: PrivateTargets): string | undefined {
  if (!URL.canParse(text)) return 'must be a URL such as https://example.org/felinar';
  const { protocol, username, password, hostname } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'must be an https:// or http:// URL';
  if (username !== '' || password !== '') return 'must not hold a user name or password: requests are signed instead';
  const isLiteral = hostname.startsWith('[') || /^[\d.]+$/.test(hostname);
  const isLocal = /(^|\.)(localhost|local|internal)\.?$/i.test(hostname);
  // Where some networks are allowed, the addresses that a local name leads to decide.
  const isRefused = isLiteral ? !isAllowedAddress(hostname, allowed) : isLocal && allowed === false;
  return isRefused
    ? 'must lead to the public internet, or to where FELINAR_WEBHOOK_ALLOW_PRIVATE lets it lead in your own network'
    : undefined;
}
