// JSON-RPC over the standard streams of a child process, as the Language Server Protocol frames it.
'use strict';

const { spawn } = require('node:child_process');

/** Cuts a stream of bytes into messages. */
class MessageReader {
  constructor(onMessage) {
    this.onMessage = onMessage;
    this.chunks = Buffer.alloc(0);
  }

  write(chunk) {
    this.chunks = Buffer.concat([this.chunks, chunk]);
    for (;;) {
      const end = this.chunks.indexOf('\r\n\r\n');
      if (end < 0) return;
      const header = this.chunks.toString('latin1', 0, end);
      const length = Number(/^Content-Length: *(\d+)$/im.exec(header)?.[1]);
      if (!Number.isInteger(length)) throw new Error(`a message without its length: ${header}`);
      const start = end + 4;
      if (this.chunks.length < start + length) return;
      const body = this.chunks.toString('utf8', start, start + length);
      this.chunks = this.chunks.subarray(start + length);
      this.onMessage(JSON.parse(body));
    }
  }
}

function frame(message) {
  const body = Buffer.from(JSON.stringify(message), 'utf8');
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
}

/** A server that runs as a child process. Requests are answered by promises. */
class Connection {
  /**
   * @param {string} command
   * @param {string[]} args
   * @param {{ onRequest: (method: string, params: any) => any,
   *           onNotification: (method: string, params: any) => void,
   *           onTrace: (direction: string, message: any) => void,
   *           onErrorText: (text: string) => void,
   *           onClose: (reason: string) => void }} handlers
   */
  constructor(command, args, handlers) {
    this.handlers = handlers;
    this.pending = new Map();
    this.nextId = 1;
    this.closed = false;
    this.child = spawn(command, args, { stdio: 'pipe', windowsHide: true });
    this.child.on('error', (error) => this.close(`${command} cannot be run: ${error.message}`));
    this.child.on('exit', (code, signal) => this.close(
      signal ? `the server was ended by ${signal}` : `the server ended with status ${code}`));
    // A write to a server that has just ended is no news: `exit` says so.
    this.child.stdin.on('error', () => {});
    const reader = new MessageReader((message) => this.receive(message));
    this.child.stdout.on('data', (chunk) => {
      try {
        reader.write(chunk);
      } catch (error) {
        this.child.kill();
        this.close(`the server sent what is not a message: ${error.message}`);
      }
    });
    this.child.stderr.on('data', (chunk) => handlers.onErrorText(chunk.toString('utf8')));
  }

  send(message) {
    if (this.closed) return;
    this.handlers.onTrace('→', message);
    this.child.stdin.write(frame({ jsonrpc: '2.0', ...message }));
  }

  notify(method, params) {
    this.send({ method, params });
  }

  /** Asks; where `token` is cancelled the server is told, and the answer is undefined. */
  request(method, params, token) {
    if (this.closed) return Promise.reject(new Error('the server is not running'));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const cancellation = token?.onCancellationRequested(() => {
        if (!this.pending.delete(id)) return;
        this.notify('$/cancelRequest', { id });
        resolve(undefined);
      });
      const settle = (done) => (value) => {
        cancellation?.dispose();
        done(value);
      };
      this.pending.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.send({ id, method, params });
    });
  }

  receive(message) {
    this.handlers.onTrace('←', message);
    if (message.method === undefined) {
      const waiting = this.pending.get(message.id);
      this.pending.delete(message.id);
      if (!waiting) return;
      if (message.error) waiting.reject(new Error(message.error.message));
      else waiting.resolve(message.result);
    } else if (message.id === undefined) {
      this.handlers.onNotification(message.method, message.params);
    } else {
      this.answer(message);
    }
  }

  async answer({ id, method, params }) {
    try {
      const result = await this.handlers.onRequest(method, params);
      if (result === undefined) {
        this.send({ id, error: { code: -32601, message: `${method} is not known here` } });
      } else {
        this.send({ id, result });
      }
    } catch (error) {
      this.send({ id, error: { code: -32603, message: String(error?.message ?? error) } });
    }
  }

  close(reason) {
    if (this.closed) return;
    this.closed = true;
    for (const { reject } of this.pending.values()) reject(new Error(reason));
    this.pending.clear();
    this.handlers.onClose(reason);
  }

  /** Ends the server as the protocol asks, and by force where it does not go. */
  async shutdown() {
    if (this.closed) return;
    const force = setTimeout(() => this.child.kill('SIGKILL'), 2000);
    this.child.once('exit', () => clearTimeout(force));
    try {
      await this.request('shutdown', null);
      this.notify('exit', null);
      this.child.stdin.end();
    } catch {
      this.child.kill();
    }
  }
}

module.exports = { Connection, MessageReader, frame };
