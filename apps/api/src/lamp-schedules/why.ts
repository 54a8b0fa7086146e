import type { AssignmentKind, AssignmentOfLamp } from '#libs/storage';

const RANK: Record<AssignmentKind, number> = { lamp: 1, group: 2, cabinet: 3, site: 4 };

const nameOf = ({ kind, address }: AssignmentOfLamp): string =>
  kind === 'lamp' ? 'the lamp itself' : `${kind} ${address}`;

/** Why the assignment decides. */
export function whyItDecides(winner: AssignmentOfLamp, losers: readonly AssignmentOfLamp[]): string {
  if (losers.length === 0) return `It is the only assignment that speaks of the lamp`;
  const rival = losers.find(({ kind }) => kind === winner.kind);
  if (rival !== undefined && winner.priority > rival.priority)
    return `Of the groups of the lamp ${winner.address} has the highest priority, ${winner.priority}`;
  if (rival !== undefined)
    return `Of the groups of the lamp with priority ${winner.priority} ${winner.address} is the first by address`;
  return winner.kind === 'lamp'
    ? 'What is assigned to the lamp itself goes before everything else'
    : `A ${winner.kind} goes before a ${losers[0]?.kind ?? 'site'}`;
}

/** Why an assignment does not decide. */
export function whyItLoses(loser: AssignmentOfLamp, winner: AssignmentOfLamp): string {
  if (RANK[winner.kind] < RANK[loser.kind])
    return `${capital(nameOf(winner))} is more specific than ${loser.kind === 'site' ? 'the site' : `a ${loser.kind}`}`;
  if (winner.priority > loser.priority)
    return `Group ${winner.address} has the higher priority: ${winner.priority}, not ${loser.priority}`;
  return `Group ${winner.address} has the same priority, ${winner.priority}, and is first by address`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
