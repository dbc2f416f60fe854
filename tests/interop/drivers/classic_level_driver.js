// LevelDB in C++, by Node's classic-level, behind the lines of src/driver.rs.
'use strict'

const readline = require('readline')
const { ClassicLevel } = require('classic-level')

const OPTIONS = {
  write_buffer_size: (value) => ({ writeBufferSize: Number(value) }),
  block_size: (value) => ({ blockSize: Number(value) }),
  block_restart_interval: (value) => ({ blockRestartInterval: Number(value) }),
  compression: (value) => ({ compression: value !== 'none' })
}

let db = null

// The bytes that a word stands for: a point and hexadecimal digits, or - for none.
const data = (word) => (word === '-' ? undefined : Buffer.from(word.slice(1), 'hex'))
const word = (data) => (data === undefined ? '-' : '.' + data.toString('hex'))

const COMMANDS = {
  async open (path, ...settings) {
    const options = settings.map((setting) => setting.split('='))
      .map(([name, value]) => OPTIONS[name](value))
    const encodings = { keyEncoding: 'buffer', valueEncoding: 'buffer' }
    const opening = new ClassicLevel(data(path).toString(), Object.assign(encodings, ...options))
    await opening.open()
    db = opening
    return []
  },
  async close () {
    if (db !== null) await db.close()
    return []
  },
  async get (key) {
    return [word(await db.get(data(key)))]
  },
  async scan (start, stop, direction, limit) {
    const range = { gte: data(start), reverse: direction === 'backwards' }
    if (stop !== '-') range.lt = data(stop)
    if (limit !== '-') range.limit = Number(limit)
    return (await db.iterator(range).all()).flat().map(word)
  },
  async write (...changes) {
    const operations = []
    for (let at = 0; at < changes.length; at += 2) {
      const [key, value] = [data(changes[at]), data(changes[at + 1])]
      operations.push(value === undefined ? { type: 'del', key } : { type: 'put', key, value })
    }
    await db.batch(operations)
    return []
  },
  async compact () {
    await db.compactRange(Buffer.alloc(0), Buffer.alloc(70_000, 0xff))
    return []
  }
}

// What an error says, with what it was caused by.
function text (error) {
  const causes = []
  for (let cause = error; cause; cause = cause.cause) causes.push(cause.code, cause.message)
  return causes.join(' ').split(/\s+/)
}

async function serve () {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [command, ...words] = line.split(' ')
    let answer
    try {
      answer = ['ok', ...await COMMANDS[command](...words)]
    } catch (error) {
      answer = ['error', ...text(error)]
    }
    process.stdout.write(answer.join(' ') + '\n')
  }
}

serve()
