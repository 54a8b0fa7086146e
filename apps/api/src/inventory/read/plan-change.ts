import type { ExistingInventory, InventoryChange } from '#libs/storage';
import type { ReadInventory } from './read-inventory.js';
import type { ReadLamp } from './read-row.js';

/** Checks the file against what is there, and plans the change. What is wrong goes to the file's findings. */
export function planChange(file: ReadInventory, existing: ExistingInventory): InventoryChange {
  const lampTypes = planLampTypes(file, existing);
  for (const lamp of file.lamps) {
    if (!existing.lamps.has(lamp.address)) requireForNew(lamp, file);
    else if (lamp.lampType === null && file.carried.has('lampType')) {
      file.findings.add({
        line: lamp.line,
        column: 'lampType',
        value: '',
        problem: 'is empty: every lamp has a type; or give a default in the mapping',
      });
    }
  }
  const cabinets = new Map(
    file.lamps.flatMap((lamp) => (lamp.cabinet === null ? [] : [[lamp.cabinet.address, lamp.cabinet]])),
  );
  const groups = new Map(file.lamps.flatMap((lamp) => lamp.groups.map((group) => [group.address, group])));
  const { lamp: _, ratedPowerW: __, ...columns } = Object.fromEntries([...file.carried].map((field) => [field, field]));
  return {
    lamps: file.lamps.map((lamp) => ({
      ...lamp,
      cabinet: lamp.cabinet?.address ?? null,
      groups: lamp.groups.map((group) => group.address),
    })),
    carried: new Set(Object.values(columns)) as InventoryChange['carried'],
    cabinets: [...cabinets.values()],
    groups: [...groups.values()],
    lampTypes,
  };
}

function requireForNew(lamp: ReadLamp, file: ReadInventory): void {
  if (lamp.lampType === null) {
    file.findings.add({
      line: lamp.line,
      column: 'lampType',
      value: '',
      problem: `lamp ${lamp.address} is new and needs a lamp type: fill in the column, or give a default in the mapping`,
    });
  }
  if (!file.carried.has('latitude')) {
    file.findings.add({
      line: lamp.line,
      column: 'latitude',
      value: '',
      problem: `lamp ${lamp.address} is new and needs a position`,
    });
  }
}

/** Lamp types that do not exist yet are created when the file says their power; a type has one power. */
function planLampTypes(file: ReadInventory, existing: ExistingInventory): InventoryChange['lampTypes'] {
  const created = new Map<string, { power: number; line: number }>();
  const unknown: ReadLamp[] = [];
  for (const lamp of file.lamps) {
    const { lampType: code, ratedPowerW: power, line } = lamp;
    if (code === null) continue;
    const known = existing.lampTypes.get(code) ?? created.get(code)?.power;
    if (power === null) {
      if (!existing.lampTypes.has(code)) unknown.push(lamp);
    } else if (known === undefined) created.set(code, { power, line });
    else if (known !== power) {
      const where = created.has(code) ? `on line ${created.get(code)?.line}` : 'in the inventory';
      file.findings.add({
        line,
        column: 'ratedPowerW',
        value: String(power),
        problem: `lamp type ${code} has ${known} W ${where}: correct the file, or change the lamp type first`,
      });
    }
  }
  for (const { lampType, line } of unknown) {
    if (created.has(lampType as string)) continue;
    file.findings.add({
      line,
      column: 'lampType',
      value: lampType as string,
      problem: `there is no lamp type ${lampType}: create it first, or add a column ratedPowerW so that the import can`,
    });
  }
  return [...created].map(([code, { power }]) => ({ code, ratedPowerW: power }));
}
