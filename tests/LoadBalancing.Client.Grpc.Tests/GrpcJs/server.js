'use strict';

// What EchoService does, by another make: node server.js NAME PORT, over TLS if the environment has ECHO_CERTIFICATE and ECHO_KEY. Says its port when it listens. Each line of its input is a command, answered with a number.
// Ends when its input does.
const path = require('node:path');
const readline = require('node:readline');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [name, port] = process.argv.slice(2);
const { Echo } = grpc.loadPackageDefinition(loader.loadSync(path.join(__dirname, 'echo.proto'))).loadbalancing.tests;

let calls = 0;
let status = grpc.status.OK;
let held = null;
let watchers = [];

const reply = text => ({ text, server: name });

// Calls back, perhaps later, with null or with the error to answer.
function answer(callback) {
  calls++;
  const go = () => callback(status === grpc.status.OK ? null : { code: status, details: `${name} fails.` });
  if (held) {
    held.push(go);
  } else {
    go();
  }
}

const end = call => answer(error => (error ? call.emit('error', error) : call.end()));

const service = {
  unary(call, callback) {
    answer(error => callback(error, error ? null : reply(call.request.text)));
  },

  collect(call, callback) {
    const texts = [];
    call.sendMetadata(new grpc.Metadata());
    call.on('data', request => texts.push(request.text));
    call.on('end', () => answer(error => callback(error, error ? null : reply(texts.join(' ')))));
  },

  watch(call) {
    call.write(reply(call.request.text));
    if (watchers) {
      watchers.push(call);
    } else {
      end(call);
    }
  },

  chat(call) {
    call.sendMetadata(new grpc.Metadata());
    call.on('data', request => call.write(reply(request.text)));
    call.on('end', () => end(call));
  },
};

const commands = {
  fail(code) {
    status = Number(code);
  },

  hold() {
    held = [];
  },

  recover() {
    const waiting = held ?? [];
    held = null;
    status = grpc.status.OK;
    waiting.forEach(go => go());
  },

  endStreams() {
    const open = watchers ?? [];
    watchers = null;
    open.forEach(end);
  },

  forget() {
    calls = 0;
  },

  count() {
    return calls;
  },

  countHeld() {
    return held.length;
  },
};

const { ECHO_CERTIFICATE: certificate, ECHO_KEY: key } = process.env;
const credentials = certificate
  ? grpc.ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(certificate), private_key: Buffer.from(key) }])
  : grpc.ServerCredentials.createInsecure();
const server = new grpc.Server();
server.addService(Echo.service, service);
server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) => {
  if (error) {
    throw error;
  }

  console.log(bound);
  const input = readline.createInterface({ input: process.stdin });
  input.on('line', line => {
    const [command, argument] = line.split(' ');
    console.log(commands[command](argument) ?? 0);
  });
  input.on('close', () => process.exit());
});
