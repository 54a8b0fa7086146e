import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/kernel';
import { AssignmentRepository, type AssignmentKind, type AssignmentRow, type ExpectedVersion } from '#libs/storage';
import type { z } from 'zod';
import { toPage, type PageQuery } from '../http/cursor.js';
import { problem, ProblemError } from '../http/problem.js';
import { HistoryService } from '../programs/history.service.js';
import { SitesService } from '../sites/sites.service.js';
import { KINDS, type assignmentView, type putAssignment } from './assignment.schema.js';

type AssignmentView = z.infer<typeof assignmentView>;

@Injectable()
export class AssignmentsService {
  constructor(
    private readonly sites: SitesService,
    private readonly assignments: AssignmentRepository,
    private readonly history: HistoryService,
  ) {}

  async list(site: string, { cursor, limit }: PageQuery) {
    const after = cursor === undefined ? undefined : parseKey(cursor);
    const rows = await this.assignments.list(await this.sites.find(site), after, limit + 1);
    return toPage(rows, limit, ({ kind, address }) => `${kind}/${address}`, toView);
  }

  async get(site: string, kind: AssignmentKind, address: string): Promise<AssignmentView> {
    return toView(await this.assignments.get(await this.sites.find(site), kind, address));
  }

  async put(
    siteAddress: string,
    kind: AssignmentKind,
    address: string,
    { comment, ...data }: z.infer<typeof putAssignment>,
    expected: ExpectedVersion,
    user: string | undefined,
  ): Promise<{ assignment: AssignmentView; created: boolean }> {
    const site = await this.sites.find(siteAddress);
    if (kind !== 'group' && data.priority !== 0) {
      throw new DomainError('invalid', 'Only groups have a priority', [
        { at: '/priority', problem: `has no meaning for a ${kind}, for there is only one above a lamp: leave it out` },
      ]);
    }
    const author = this.history.author(user, comment);
    const { assignment, created } = await this.assignments.put(site, kind, address, data, expected, author);
    return { assignment: toView(assignment), created };
  }

  async remove(
    site: string,
    kind: AssignmentKind,
    address: string,
    expected: ExpectedVersion,
    user: string | undefined,
  ): Promise<void> {
    await this.assignments.remove(await this.sites.find(site), kind, address, expected, this.history.author(user));
  }
}

function parseKey(cursor: string): { readonly kind: AssignmentKind; readonly address: string } {
  const [kind, address, ...rest] = cursor.split('/');
  const known = KINDS.find((each) => each === kind);
  if (known !== undefined && address !== undefined && rest.length === 0) return { kind: known, address };
  throw new ProblemError(
    problem(400, 'The cursor is not valid', [{ pointer: 'query/cursor', problem: 'is not a cursor of this list' }]),
  );
}

function toView(row: AssignmentRow): AssignmentView {
  return { ...row, createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString() };
}
