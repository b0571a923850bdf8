import type { CommandEntry } from './entry.ts'

export const start: CommandEntry = {
  summary: 'run everything: PostgreSQL, migrations, the sandbox, the server',
  form: {
    summary: 'starts PostgreSQL, brings the schema up to date, fills the sandbox on the first run, and listens',
    usage: '[--workers N]',
    examples: ['billfold start', 'PORT=9090 BILLFOLD_HOME=/srv/billfold billfold start', 'billfold start --workers 2'],
  },
  about: `PostgreSQL is the embedded one unless DATABASE_URL names another. Ctrl-C stops all of it.

  PORT, HOST            where to listen; 8080 on 127.0.0.1
  BILLFOLD_HOME         data, key, logs and sandbox.json; .billfold in the checkout
  BILLFOLD_PUBLIC_URL   how clients reach the server; http://localhost:PORT and http://127.0.0.1:PORT
  DATABASE_URL          another PostgreSQL, 15 or newer
  LOG_LEVEL             of logs/server.log in the home; info
  WORKERS               how many processes serve the port (--workers); 1`,
}

export const serve: CommandEntry = {
  summary: 'run the server on DATABASE_URL',
  form: {
    summary: 'runs the server on a PostgreSQL of yours, whose schema "billfold migrate" has brought up to date',
    usage: '[--workers N]',
    examples: [
      'DATABASE_URL=postgres://billfold@db.internal/billfold billfold serve',
      'DATABASE_URL=postgres://billfold@db.internal/billfold billfold serve --workers 4',
    ],
  },
  about: `Logs are JSON lines on standard output. Several servers may run on one database, and several processes of one (--workers, or
WORKERS) on one port.

  DATABASE_URL, BILLFOLD_PUBLIC_URL, BILLFOLD_KEY, PORT, HOST, LOG_LEVEL, BILLFOLD_HOME, WORKERS`,
}

export const migrate: CommandEntry = {
  summary: 'bring the schema up to date',
  form: {
    summary: 'brings the schema of the database up to date; a second run finds nothing to do',
    usage: '',
    examples: ['billfold migrate', 'billfold migrate --json'],
  },
}

export const key: CommandEntry = {
  summary: 'change the key that seals the secrets in the database',
  verbs: {
    list: {
      summary:
        'lists the keys by which values are sealed, and how many; of a key it shows an id that tells nothing of it',
      usage: '',
      examples: ['billfold key list', 'billfold key list --json'],
    },
    rotate: {
      summary: 'seals every value with the current key, the first of BILLFOLD_KEY; servers go on meanwhile',
      usage: '',
      examples: ['billfold key rotate', 'billfold key rotate --json'],
    },
  },
  about: `Before it, every server must know the new key (BILLFOLD_KEY=OLD,NEW), and then begin with it (NEW,OLD). It may be ended
at any moment and called again. Stored answers with a transaction token end by themselves: until then the old key stays in
the list. Backups need the keys of their time. Exit status 1: something is still sealed with another key.`,
}

export const sandbox: CommandEntry = {
  summary: 'show or reset the sandbox, put its due clock ahead',
  verbs: {
    show: {
      summary: "prints the sandbox's credentials (sandbox.json)",
      usage: '',
      examples: ['billfold sandbox show'],
    },
    reset: {
      summary: 'deletes the sandbox: database, key, credentials and logs; the server must be stopped',
      usage: '',
      examples: ['billfold sandbox reset'],
    },
    advance: {
      summary: 'puts the due clock ahead by hours, days or weeks; it never goes back',
      usage: 'TIME',
      examples: ['billfold sandbox advance 30d'],
    },
  },
  about: `When the due clock is ahead, what purchases owe becomes due, and links and authorizations end. Nothing that is signed,
and no entry of the books, is dated by it.`,
}

export const completion: CommandEntry = {
  summary: 'print what makes a shell complete commands and options',
  form: {
    summary: 'prints a script for the shell that completes commands, verbs, options and their words',
    usage: 'bash|zsh|fish',
    examples: [
      'source <(billfold completion bash)',
      'billfold completion zsh > "$fpath[1]/_billfold"',
      'billfold completion fish > ~/.config/fish/completions/billfold.fish',
    ],
  },
}
