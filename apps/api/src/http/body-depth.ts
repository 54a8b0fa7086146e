import type { NextFunction, Request, Response } from 'express';
import { problem, ProblemError } from './problem.js';
import type { ProblemFilter } from './problem.filter.js';

/** Levels of lists and objects in a body: what is asked for has a dozen. What walks a value by recursion would end at some thousands. */
export const MAX_BODY_DEPTH = 64;

/** Whether a JSON value has more levels of lists and objects than `max`. Level by level, not by recursion. Pure. */
export function isDeeperThan(value: unknown, max: number): boolean {
  let level = [value].filter(isContainer);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > max) return true;
    level = level.flatMap((container) => Object.values(container)).filter(isContainer);
  }
  return false;
}

/** Refuses bodies that are nested deeper than any request is, before anybody walks through them. */
export function shallowBodies(filter: ProblemFilter) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const body: unknown = request.body;
    if (Buffer.isBuffer(body) || !isDeeperThan(body, MAX_BODY_DEPTH)) return next();
    const detail = `The body is nested deeper than ${MAX_BODY_DEPTH} levels: nothing here is`;
    filter.answer(new ProblemError(problem(400, detail)), request, response);
  };
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
