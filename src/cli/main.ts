import { runCommandLine } from './run.ts'

// A reader that has seen enough (`| head`) is no failure of ours, and nobody is left to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

// Not process.exit(): what is still on its way to a pipe must arrive.
process.exitCode = await runCommandLine(process.argv.slice(2))
