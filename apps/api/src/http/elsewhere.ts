import type { NextFunction, Request, Response } from 'express';
import { PREFIX, ROOT_PATHS } from '../access/routes.js';
import { ProblemError, problem } from './problem.js';
import type { ProblemFilter } from './problem.filter.js';

const DOCS = '/docs';
const KNOWN = [`/${PREFIX}`, DOCS, ...ROOT_PATHS.map((path) => `/${path}`)];

/** Leads the root to the documentation, and answers what is neither API nor documentation as the API answers: not with a page of Express. */
export function elsewhere(filter: ProblemFilter) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const { path } = request;
    if (path === '/') return response.redirect(302, DOCS);
    if (KNOWN.some((known) => path === known || path.startsWith(`${known}/`))) return next();
    const detail = `There is nothing at ${path.slice(0, 200)}: the API is below /${PREFIX}, its description at ${DOCS}`;
    filter.answer(new ProblemError(problem(404, detail)), request, response);
  };
}
