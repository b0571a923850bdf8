#!/usr/bin/env node
import { fail, runWithNode24 } from './setup.mjs'

const [file, ...args] = process.argv.slice(2)
if (!file) fail('usage: node bin/run.mjs FILE.ts [arguments]')
await runWithNode24(file, args, { development: true })
