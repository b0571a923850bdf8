#!/usr/bin/env node
import { runWithNode24 } from './setup.mjs'

await runWithNode24('src/cli/main.ts', process.argv.slice(2), { development: false })
