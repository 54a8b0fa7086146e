/** One package index of the machine's own apt configuration. */
export interface IndexTarget {
  uri: string;
  release: string;
  component: string;
  origin: string;
}

/** The format in which `apt-get indextargets` is asked. */
export const indexTargetFormat = '$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)|$(CREATED_BY)';

/** Reads what `apt-get indextargets --format` printed; fields the machine does not know stay unexpanded and read ''. */
export function parseIndexTargets(output: string): IndexTarget[] {
  const targets: IndexTarget[] = [];
  for (const line of output.split('\n')) {
    const [uri = '', release = '', component = '', origin = '', kind = ''] = line
      .split('|')
      .map((field) => (field.startsWith('$(') ? '' : field.trim()));
    if (uri !== '' && kind === 'Packages') targets.push({ uri, release, component, origin });
  }
  return targets;
}

/**
 * The repositories that may hold another Debian release, the likeliest first: what calls itself Debian, is no
 * security, update or backport suite, and has a main component.
 */
export function debianArchives(targets: readonly IndexTarget[], codename: string): string[] {
  const candidates = targets.filter(
    (target) =>
      target.component === 'main' &&
      !/security/.test(target.uri) &&
      !/[-/]/.test(target.release) &&
      (target.origin === 'Debian' || (target.origin === '' && target.release === codename)),
  );
  const known = candidates.filter((target) => target.origin === 'Debian');
  return [...new Set([...known, ...candidates].map((target) => target.uri))];
}

/** A package file apt would fetch. */
export interface PackageFile {
  name: string;
  version: string;
  bytes: number;
}

/** Reads what `apt-get --print-uris install` printed. */
export function parsePackageFiles(output: string): PackageFile[] {
  const files: PackageFile[] = [];
  for (const line of output.split('\n')) {
    const match = /^'[^']+' ([^_ ]+)_([^_ ]+)_[^_ ]+\.deb (\d+)/.exec(line);
    const [, name, version, bytes] = match ?? [];
    if (name && version && bytes) files.push({ name, version: decodeURIComponent(version), bytes: Number(bytes) });
  }
  return files;
}

/** The highest PostgreSQL major version with TimescaleDB in what `apt-cache search --names-only` printed. */
export function newestTimescaleMajor(output: string): number | undefined {
  const majors = [...output.matchAll(/^postgresql-(\d+)-timescaledb /gm)].map((match) => Number(match[1]));
  return majors.length === 0 ? undefined : Math.max(...majors);
}

/** Libraries apt installs for things we do not use: just-in-time compilation, Perl, login, package configuration. */
const unusedLibraries =
  /^(libllvm|libz3|libperl|lib.*-perl$|libc-bin$|libc-l10n$|libpam-modules|libaudit-common$|libsemanage|libsepol|libproc2|libgdbm|libdb5|libdebconfclient|libtext-|libsasl2-modules)/;

/** Of everything apt would install on an empty machine: what was asked for and the shared libraries it loads. */
export function neededPackages(files: readonly PackageFile[], wanted: readonly string[]): PackageFile[] {
  return files.filter(
    (file) => wanted.includes(file.name) || (/^(lib|zlib1g)/.test(file.name) && !unusedLibraries.test(file.name)),
  );
}

/** The value of a key in the text of /etc/os-release. */
export function osReleaseValue(osRelease: string, key: string): string {
  const match = new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(osRelease);
  return match?.[1] ?? '';
}
