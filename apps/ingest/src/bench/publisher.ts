/** The publishing process of the benchmark: argv are host, port, messages, readings per message, in flight, start (ms). */
import { publishLoad } from './load-publisher.js';
import { messageOf } from './scenario.js';

const [host = '', port, messages, readingsPerMessage, inFlight, startMs] = process.argv.slice(2);
const scenario = { name: '', messages: Number(messages), readingsPerMessage: Number(readingsPerMessage) };
// Made before the clock starts: what is measured is not the making of JSON.
const prepared = Array.from({ length: scenario.messages }, (_, index) => messageOf(scenario, index, Number(startMs)));

process.send?.('ready');
process.once('message', () => {
  void publishLoad({
    host,
    port: Number(port),
    count: scenario.messages,
    inFlight: Number(inFlight),
    topicOf: (index) => prepared[index]?.topic ?? '',
    payloadOf: (index) => prepared[index]?.payload ?? '',
  }).then(() => process.disconnect?.());
});
