import { readFileSync } from 'node:fs';
import { ByteflowError } from 'byteflow';
import { bench, help as benchHelp } from './bench.js';
import { correct, help as correctHelp } from './correct.js';
import { evaluate, help as evalHelp } from './eval.js';
import { explain, help as explainHelp } from './explain.js';
import { Failure, UsageError } from './failure.js';
import { help as inspectHelp, inspect } from './inspect.js';
import { printable } from './output.js';
import { help as rewriteHelp, rewrite } from './rewrite.js';
import { help as scoreHelp, score } from './score.js';
import { help as serveHelp, serve } from './serve.js';

const commands = new Map([
  ['score', { run: score, help: scoreHelp }],
  ['explain', { run: explain, help: explainHelp }],
  ['rewrite', { run: rewrite, help: rewriteHelp }],
  ['correct', { run: correct, help: correctHelp }],
  ['eval', { run: evaluate, help: evalHelp }],
  ['inspect', { run: inspect, help: inspectHelp }],
  ['bench', { run: bench, help: benchHelp }],
  ['serve', { run: serve, help: serveHelp }],
]);

const help = `Usage: byteflow COMMAND [options]

Small byte-level text models, run on this machine: nothing is sent anywhere.

Commands:
  score               score lines of text or NDJSON
  explain             show which words make the score
  rewrite             write lines of text anew, rude ones as civil ones
  correct             correct the spelling of lines of text
  eval                measure a model on labelled NDJSON
  inspect             print what a model file holds
  bench               time a model on this machine
  serve               score texts over HTTP, for this machine

\`byteflow COMMAND --help\`, or \`byteflow help COMMAND\`, explains each, with examples; \`byteflow --version\` prints the version.
Results go to standard output, everything else to standard error. Exit codes: 0 ok, 1 failed, 2 bad usage.`;

/** Runs a command line (without the program's own name) and gives the exit code. */
export async function main(args: string[]): Promise<number> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0); // the reader, such as `head`, has seen enough
    process.exit(complain(`cannot write the results: ${error.code === 'ENOSPC' ? 'the disk is full' : error.message}`, 1));
  });
  process.stderr.on('error', () => {}); // nobody to tell it to
  try {
    await dispatch(args);
    return 0;
  } catch (error) {
    if (isUsageError(error)) return complain(`${error.message}\nTry \`byteflow ${commands.has(args[0] ?? '') ? `${args[0]} ` : ''}--help\`.`, 2);
    if (error instanceof Failure || error instanceof ByteflowError) return complain(error.message, 1);
    throw error;
  }
}

async function dispatch([name, ...args]: string[]): Promise<void> {
  if (name === '--help' || name === '-h') return console.log(help);
  if (name === '--version') return console.log(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version);
  if (name === undefined) throw new UsageError(`a command is missing: ${[...commands.keys()].join(', ')}`);
  if (name === 'help') return console.log(args[0] === undefined ? help : commandOf(args[0]).help);
  const command = commandOf(name);
  if (args.includes('--help') || args.includes('-h')) return console.log(command.help);
  await command.run(args);
}

function commandOf(name: string) {
  const command = commands.get(name);
  if (command === undefined) throw new UsageError(`there is no command "${name}"; there are ${[...commands.keys()].join(', ')}`);
  return command;
}

function isUsageError(error: unknown): error is Error {
  return error instanceof UsageError || (error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS'));
}

function complain(message: string, exitCode: number): number {
  console.error(`byteflow: ${message.split('\n').map(printable).join('\n')}`); // it may quote a file's own words
  return exitCode;
}
