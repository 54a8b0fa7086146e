/** Degrees, north and east positive; an IANA zone. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
  readonly timeZone: string;
}
