import { existsSync } from 'node:fs';
import { ProvisionError } from '../../contract/errors.js';
import { fields, parseJson } from '../../local/json.js';
import { mustRun, run } from '../machine/run-command.js';
import { GO_MINIMUM, RECIPE_DIRECTORY } from './recipe.js';

const OUTSIDE_PATH = '/usr/local/go/bin/go';

export interface GoToolchain {
  build(module: string, output: string, packages: readonly string[], variables?: Record<string, string>): Promise<void>;
  /** Directory of a module's source, whose checksum must be the one given. */
  moduleDirectory(path: string, version: string, sum: string): Promise<string>;
}

/** Finds Go, and says what is missing before minutes go into a build. */
export async function findGo(signal: AbortSignal | undefined): Promise<GoToolchain> {
  const go = existsSync(OUTSIDE_PATH) ? OUTSIDE_PATH : 'go';
  // Asked inside the module: Go can fetch the version that go.mod wants, if the machine lets it.
  const ran = await run('go', ['-C', RECIPE_DIRECTORY, 'version']).then((own) =>
    own.code === 0
      ? { ...own, go: 'go' }
      : run(go, ['-C', RECIPE_DIRECTORY, 'version']).then((other) => ({ ...other, go })),
  );
  const found = /go version go(\d+)\.(\d+)(\S*)/.exec(ran.stdout);
  if (!found || !isEnough(Number(found[1]), Number(found[2]))) {
    const seen = found
      ? `found go${found[1] ?? ''}.${found[2] ?? ''}${found[3] ?? ''}`
      : `found none (${ran.stderr.trim()})`;
    throw new ProvisionError(
      'LAB_TOOL_MISSING',
      `building the lab's bundle needs Go ${GO_MINIMUM} or newer; ${seen}`,
      `install Go ${GO_MINIMUM} and put it on the PATH, or give the lab a bundle: lab up --bundle DIR`,
    );
  }
  return toolchain(ran.go, signal);
}

function isEnough(major: number, minor: number): boolean {
  const [wantedMajor = 0, wantedMinor = 0] = GO_MINIMUM.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function toolchain(go: string, signal: AbortSignal | undefined): GoToolchain {
  const env = {
    CGO_ENABLED: '0',
    GOFLAGS: '-mod=readonly -buildvcs=false',
    GOWORK: 'off',
    GOOS: 'linux',
    GOARCH: 'amd64',
  };
  return {
    async build(module, output, packages, variables = {}) {
      const linker = ['-s', '-w', ...Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`)].join(' ');
      await mustRun(go, ['-C', module, 'build', '-trimpath', '-ldflags', linker, '-o', output, ...packages], {
        env,
        signal,
      });
    },
    async moduleDirectory(path, version, sum) {
      const printed = await mustRun(go, ['-C', RECIPE_DIRECTORY, 'mod', 'download', '-json', `${path}@${version}`], {
        env,
        signal,
      });
      const module = parseJson(printed, fields({ Dir: 'string', Sum: 'string' }));
      if (module.Sum !== sum) {
        throw new ProvisionError(
          'LAB_COMMAND_FAILED',
          `checksum mismatch for ${path}@${version}: got ${module.Sum}, the recipe says ${sum}`,
          'check the Go module proxy that this machine uses: go env GOPROXY',
        );
      }
      return module.Dir;
    },
  };
}
