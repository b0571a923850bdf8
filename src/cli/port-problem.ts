import { PlainError } from './command.ts'

/** What to do about a port that cannot be had, or a host that is none of ours, in one line; any other error as it is. */
export function portProblem(
  error: NodeJS.ErrnoException & { hostname?: string },
  { host, port }: { host: string; port: number },
): Error {
  // Of other names, such as the database's, somebody else speaks.
  const unknown = error.syscall === 'getaddrinfo' && error.hostname === host
  if (!unknown && error.syscall !== 'listen' && error.syscall !== 'bind') return error
  if (unknown || error.code === 'EADDRNOTAVAIL') return new PlainError('HOST is no address of this machine')
  if (error.code === 'EADDRINUSE')
    return new PlainError(
      `port ${port} is taken: choose another, for example PORT=${port < 65_535 ? port + 1 : 8080} npm start`,
    )
  if (error.code === 'EACCES')
    return new PlainError(`port ${port} may not be used by this account: choose one above 1023 with PORT`)
  return error
}
