import { PlainError } from './command.ts'

/** What to do about a port that cannot be had, in one line; any other error as it is. */
export function portProblem(error: NodeJS.ErrnoException, port: number): Error {
  if (error.syscall !== 'listen' && error.syscall !== 'bind') return error
  if (error.code === 'EADDRINUSE')
    return new PlainError(
      `port ${port} is taken: choose another, for example PORT=${port < 65_535 ? port + 1 : 8080} npm start`,
    )
  if (error.code === 'EACCES')
    return new PlainError(`port ${port} may not be used by this account: choose one above 1023 with PORT`)
  if (error.code === 'EADDRNOTAVAIL') return noAddress()
  return error
}

export const noAddress = () => new PlainError('HOST is no address of this machine')
