/** Ends the program with a message on standard error and exit code 1. */
export class Failure extends Error {}

/** The same, with exit code 2: the command line itself is wrong. */
export class UsageError extends Failure {}
