import { Injectable } from '@nestjs/common';
import { LampTypeRepository, type ExpectedVersion, type LampType } from '#libs/storage';
import type { z } from 'zod';
import { toPage, type PageQuery } from '../http/cursor.js';
import type { createLampType, lampTypeView, updateLampType } from './lamp-type.schema.js';

type LampTypeView = z.infer<typeof lampTypeView>;

@Injectable()
export class LampTypesService {
  constructor(private readonly lampTypes: LampTypeRepository) {}

  async list({ cursor, limit }: PageQuery) {
    return toPage(await this.lampTypes.list(cursor, limit + 1), limit, (type) => type.code, toView);
  }

  async get(code: string): Promise<LampTypeView> {
    return toView(await this.lampTypes.get(code));
  }

  async create(data: z.infer<typeof createLampType>): Promise<LampTypeView> {
    return toView(await this.lampTypes.create({ ...data, powerCurve: toColumn(data.powerCurve) }));
  }

  async update(
    code: string,
    { powerCurve, ...changes }: z.infer<typeof updateLampType>,
    expected: ExpectedVersion,
  ): Promise<LampTypeView> {
    const curve = powerCurve === undefined ? {} : { powerCurve: toColumn(powerCurve) };
    return toView(await this.lampTypes.update(code, { ...changes, ...curve }, expected));
  }

  remove(code: string, expected: ExpectedVersion): Promise<void> {
    return this.lampTypes.remove(code, expected);
  }
}

function toColumn(curve: LampTypeView['powerCurve']): [number, number][] {
  return curve.map(({ levelPercent, powerPercent }) => [levelPercent, powerPercent]);
}

function toView(type: LampType): LampTypeView {
  const { code, name, technology, ratedPowerW, standbyPowerW, dimmable, minLevelPercent, ratedLifeH } = type;
  const { thresholds, version } = type;
  return {
    ...{ code, name, technology, ratedPowerW, standbyPowerW, dimmable, minLevelPercent, ratedLifeH },
    ...{ thresholds, version },
    powerCurve: type.powerCurve.map(([levelPercent, powerPercent]) => ({ levelPercent, powerPercent })),
    createdAt: type.createdAt.toISOString(),
    updatedAt: type.updatedAt.toISOString(),
  };
}
