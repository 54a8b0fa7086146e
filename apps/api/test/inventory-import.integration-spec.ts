import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { UPLOAD_BODY } from '../src/inventory/upload.js';
import { ApiUnderTest, LAMP_TYPE, SITE } from './support/api-under-test.js';

const fixture = (name: string): Promise<Buffer> => readFile(new URL(`./fixtures/${name}`, import.meta.url));

const ROMANIAN = {
  columns: {
    lamp: 'ID_STALP',
    latitude: 'Latitudine',
    longitude: 'Longitudine',
    cabinet: 'Post_Aprindere',
    ratedPowerW: 'Putere_W',
    lampType: '=LED-{Putere_W}',
    street: 'Strada',
    groups: 'Zona',
  },
  encoding: 'windows-1250',
};

describe('inventory import', () => {
  let api: ApiUnderTest;
  let number = 0;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.post('/lamp-types', LAMP_TYPE);
  });
  afterAll(() => api.stop());

  async function newSite(place: { latitude: number; longitude: number } = SITE): Promise<string> {
    number += 1;
    const address = `SITE-${number}`;
    const { latitude, longitude } = place;
    expect((await api.post('/sites', { ...SITE, address, latitude, longitude })).status).toBe(201);
    return address;
  }

  const table = (...rows: string[]): string => `${rows.join('\n')}\n`;

  it.each(['text/csv', 'application/geo+json'] as const)('takes the example of the document for %s', async (type) => {
    const site = await newSite();
    const { example } = UPLOAD_BODY[type];
    const answer = await fetch(`${api.url}/api/v1/sites/${site}/inventory/import`, {
      ...{ method: 'POST', body: example, headers: { 'content-type': type, authorization: api.authorization } },
    });
    expect([answer.status, await answer.json()]).toMatchObject([200, { rows: 1, lamps: { created: 1 } }]);
  });

  it('takes the file of a Romanian city: semicolons, decimal commas, windows-1250, its own column names', async () => {
    const site = await newSite();
    const answer = await api.importFile(site, await fixture('botosani.csv'), { mapping: ROMANIAN });
    expect(answer.body).toMatchObject({
      delimiter: ';',
      rows: 6,
      lamps: { created: 6, updated: 0, unchanged: 0 },
      cabinets: { created: 2, addresses: ['PT-12-Unirii', 'PT-7'] },
      groups: { created: 2, addresses: ['Centru', 'Gara'] },
      lampTypes: { created: 2, addresses: ['LED-39', 'LED-60'] },
      ignoredColumns: ['Observatii'],
    });
    const lamp = await api.get(`/sites/${site}/lamps/BT-0001`);
    expect(lamp.body).toMatchObject({
      street: 'Str. Ștefan cel Mare și Sfânt'.replace('Ș', 'Ş').replace('și', 'şi'),
      latitude: 47.74012,
      longitude: 26.66551,
      cabinet: 'PT-12-Unirii',
      device: 'BT-0001',
      groups: ['Centru'],
      ratedPowerW: 39,
    });
    const cabinet = await api.get(`/sites/${site}/cabinets/PT-12-Unirii`);
    expect(cabinet.body).toMatchObject({ name: 'PT 12 Unirii', lampCount: 4 });
    expect(cabinet.body.latitude).toBeCloseTo(47.7405, 3);
  });

  it('takes the file of a French city: both coordinates in one column, types by default, several groups', async () => {
    const site = await newSite({ latitude: 49.8465, longitude: 3.2874 });
    const answer = await api.importFile(site, await fixture('saint-quentin.csv'), {
      mapping: {
        columns: {
          lamp: 'Numéro support',
          coordinates: 'Coordonnées GPS',
          cabinet: 'Armoire',
          street: 'Rue',
          groups: 'Secteurs',
          mountingHeightM: 'Hauteur feu',
          lampType: 'Modèle',
        },
        defaults: { lampType: 'LED-57' },
        groupSeparator: '|',
        cleanAddresses: true,
      },
    });
    expect(answer.body).toMatchObject({ lamps: { created: 4 }, groups: { addresses: ['Centre-ville', 'Gare'] } });
    expect((await api.get(`/sites/${site}/lamps/SQ-12-3`)).body).toMatchObject({
      street: 'Rue de l’Égalité',
      mountingHeightM: 7.5,
      groups: ['Centre-ville', 'Gare'],
      lampType: 'LED-57',
    });
  });

  it('takes GeoJSON out of a GIS, with a crs member and properties it does not know', async () => {
    const site = await newSite({ latitude: 65.0121, longitude: 25.4651 });
    const answer = await api.importFile(site, await fixture('oulu.geojson'), {
      mapping: { columns: { lamp: 'tunnus', cabinet: 'keskus', lampType: '=LED-57', street: 'katu' } },
    });
    expect(answer.body).toMatchObject({
      format: 'geojson',
      lamps: { created: 3 },
      ignoredColumns: ['fid', 'asennettu', 'metatieto'],
    });
    expect((await api.get(`/sites/${site}/lamps/OU-1`)).body).toMatchObject({
      latitude: 65.0121,
      street: 'Hallituskatu',
    });
  });

  it('changes nothing the second time', async () => {
    const site = await newSite();
    await api.importFile(site, await fixture('botosani.csv'), { mapping: ROMANIAN });
    const before = (await api.get(`/sites/${site}/lamps`)).body;
    const cabinets = (await api.get(`/sites/${site}/cabinets`)).body;
    const again = await api.importFile(site, await fixture('botosani.csv'), { mapping: ROMANIAN });
    expect(again.body).toMatchObject({
      lamps: { created: 0, updated: 0, unchanged: 6 },
      cabinets: { created: 0 },
      groups: { created: 0 },
      lampTypes: { created: 0 },
    });
    expect((await api.get(`/sites/${site}/lamps`)).body).toEqual(before);
    expect((await api.get(`/sites/${site}/cabinets`)).body).toEqual(cabinets);
  });

  it('says in a dry run what it would do, and does nothing', async () => {
    const site = await newSite();
    const dry = await api.importFile(site, await fixture('botosani.csv'), { mapping: ROMANIAN, dryRun: true });
    expect(dry.body).toMatchObject({ dryRun: true, lamps: { created: 6 }, cabinets: { created: 2 } });
    expect((await api.get(`/sites/${site}/lamps`)).body.items).toEqual([]);
    const real = await api.importFile(site, await fixture('botosani.csv'), { mapping: ROMANIAN });
    expect({ ...real.body, dryRun: true }).toEqual({ ...dry.body, lampTypes: real.body.lampTypes });
  });

  it('names every mistake with its line, column, value and remedy, and changes nothing', async () => {
    const site = await newSite();
    const file = table(
      'lamp,latitude,longitude,lampType,phase,mountingHeightM',
      'A-1,47.74,26.66,LED-57,L1,8',
      'A 2,47.74,26.66,LED-57,L1,8',
      'A-3,26.66,47.74,LED-57,L1,8',
      'A-4,48.85,2.35,LED-57,L1,8',
      'A-5,north,26.66,LED-57,L1,8',
      'A-6,47.74,26.66,HPS-150,L1,8',
      'A-7,47.74,26.66,LED-57,L9,high',
      'A-1,47.74,26.66,LED-57,L1,8',
      ',47.74,26.66,LED-57,L1,8',
    );
    const answer = await api.importFile(site, file);
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body.findingCount).toBe(9);
    expect(answer.body.findings).toEqual([
      { line: 3, column: 'lamp', value: 'A 2', problem: expect.stringContaining('cleanAddresses') },
      {
        line: 4,
        column: 'latitude, longitude',
        value: '26.66, 47.74',
        problem: expect.stringContaining('latitude and longitude look swapped'),
      },
      {
        line: 5,
        column: 'latitude, longitude',
        value: '48.85, 2.35',
        problem: expect.stringMatching(/is 1\d{3} km from the centre of site/),
      },
      { line: 6, column: 'latitude', value: 'north', problem: expect.stringContaining('is not a number of degrees') },
      { line: 7, column: 'lampType', value: 'HPS-150', problem: expect.stringContaining('add a column ratedPowerW') },
      { line: 8, column: 'phase', value: 'L9', problem: 'must be L1, L2 or L3' },
      { line: 8, column: 'mountingHeightM', value: 'high', problem: expect.stringContaining('is not a number') },
      { line: 9, column: 'lamp', value: 'A-1', problem: 'lines 2 and 9 are about the same lamp: keep one of them' },
      { line: 10, column: 'lamp', value: '', problem: 'is empty: every row needs one' },
    ]);
    expect((await api.get(`/sites/${site}/lamps`)).body.items).toEqual([]);
  });

  it('counts every mistake and shows the first thousand', async () => {
    const site = await newSite();
    const rows = Array.from({ length: 1_500 }, (_, n) => `L-${n},x,26.66,LED-57`);
    const answer = await api.importFile(site, table('lamp,latitude,longitude,lampType', ...rows));
    expect(answer.body).toMatchObject({ status: 422, findingCount: 1_500 });
    expect(answer.body.findings).toHaveLength(1_000);
  });

  it('changes only what the file carries', async () => {
    const site = await newSite();
    await api.importFile(
      site,
      table('lamp,latitude,longitude,lampType,street,cabinet', 'A-1,47.74,26.66,LED-57,Unirii,C-1'),
    );
    const answer = await api.importFile(site, table('lamp,mountingHeightM,groups', 'A-1,9.5,CENTRE;NORTH'));
    expect(answer.body.lamps).toEqual({ created: 0, updated: 1, unchanged: 0 });
    expect((await api.get(`/sites/${site}/lamps/A-1`)).body).toMatchObject({
      street: 'Unirii',
      cabinet: 'C-1',
      mountingHeightM: 9.5,
      groups: ['CENTRE', 'NORTH'],
      version: 2,
    });
  });

  it('refuses a column that does not exist, a file that is not UTF-8, projected coordinates, an empty file', async () => {
    const site = await newSite();
    const refusal = async (file: string | Uint8Array, mapping?: unknown): Promise<string> => {
      const answer = await api.importFile(site, file, { mapping });
      expect(answer.status).toBe(422);
      return answer.body.findings.map((finding: { problem: string }) => finding.problem).join('; ');
    };
    expect(await refusal('a;b\n1;2\n', { columns: { lamp: 'stalp' } })).toContain(
      'there is no such column; the file has a, b',
    );
    expect(await refusal(await fixture('botosani.csv'))).toContain('give "encoding" in the mapping');
    expect(await refusal('lamp;latitude;longitude;lampType\nA;652345,12;712345,5;LED-57\n')).toContain('reproject');
    expect(await refusal('')).toContain('the file is empty');
    expect(await refusal('lamp,latitude,longitude\n')).toContain('columns and no rows');
    expect(await refusal('\u0000\u0001PK')).toContain('binary');
    expect(
      await refusal(
        '{"type":"FeatureCollection","features":[],"crs":{"type":"name","properties":{"name":"EPSG:3844"}}}',
      ),
    ).toContain('EPSG:4326');
    expect(await refusal('{"type":')).toContain('not valid JSON');
  });

  it('takes the file as the plain body as well', async () => {
    const site = await newSite();
    const file = table('lamp,gps,lampType', 'A-1,"47.74, 26.66",LED-57');
    const mapping = encodeURIComponent(
      JSON.stringify({ columns: { lamp: 'lamp', coordinates: 'gps', lampType: 'lampType' } }),
    );
    const answer = await api.post(`/sites/${site}/inventory/import?mapping=${mapping}`, file, {
      'content-type': 'text/csv',
    });
    expect(answer.body).toMatchObject({ lamps: { created: 1 } });
  });

  it('refuses a request without a file, with an unknown part, or with a mapping that is wrong', async () => {
    const site = await newSite();
    expect((await api.post(`/sites/${site}/inventory/import`)).status).toBe(400);
    const form = new FormData();
    form.append('file', new Blob(['lamp\n']));
    form.append('maping', '{}');
    expect((await api.post(`/sites/${site}/inventory/import`, form)).body.errors).toEqual([
      { pointer: '/maping', problem: expect.any(String) },
    ]);
    const bad = await api.importFile(site, 'lamp\n', { mapping: { columns: { lmap: 'x' } } });
    expect(bad.status).toBe(400);
    expect(bad.body.errors[0].pointer).toBe('/mapping/columns/lmap');
  });

  it('gives two imports at once the same city', async () => {
    const site = await newSite();
    const rows = Array.from({ length: 500 }, (_, n) => `L-${n},47.74,26.66,LED-57,C-1,G-1`);
    const file = table('lamp,latitude,longitude,lampType,cabinet,groups', ...rows);
    const answers = await Promise.all([api.importFile(site, file), api.importFile(site, file)]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect(answers.reduce((sum, answer) => sum + answer.body.lamps.created, 0)).toBe(500);
  });

  it('takes 20,000 lamps in seconds', async () => {
    const site = await newSite();
    const row = (n: number): string =>
      `L-${n};47,${74000 + (n % 900)};26,${66000 + (n % 700)};CAB-${n % 200};C${n % 6};L${(n % 3) + 1};LED-57;57;Strada ${n % 400};${n};;G-${n % 30};M${(n % 6) + 1};8,5`;
    const header =
      'lamp;latitude;longitude;cabinet;circuit;phase;lampType;ratedPowerW;street;pole;device;groups;roadClass;mountingHeightM';
    const file = table(header, ...Array.from({ length: 20_000 }, (_, n) => row(n)));
    const timed = async (): Promise<{ ms: number; body: { lamps: unknown } }> => {
      const start = performance.now();
      const { body } = await api.importFile(site, file);
      return { ms: Math.round(performance.now() - start), body };
    };
    const first = await timed();
    const second = await timed();
    expect(first.body.lamps).toEqual({ created: 20_000, updated: 0, unchanged: 0 });
    expect(second.body.lamps).toEqual({ created: 0, updated: 0, unchanged: 20_000 });
    process.stdout.write(`20,000 lamps: first ${first.ms} ms, again ${second.ms} ms\n`);
    expect(first.ms).toBeLessThan(20_000);
  });
});
