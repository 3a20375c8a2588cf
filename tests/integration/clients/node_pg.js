// node-postgres against a running server: node node_pg.js PORT. Prints "ok" or throws.
'use strict';
const assert = require('node:assert/strict');
const { Client, Pool } = require('pg');

function connect(port) {
  const client = new Client({ host: '127.0.0.1', port, user: 'kpi', database: 'kpi' });
  return client.connect().then(() => client);
}

async function asksWithParameters(client) {
  const text = 'SELECT client, count(*) AS n, p50(turnaround_time) AS p FROM events ' +
      'WHERE client = $1 AND turnaround_time >= $2 AND time <= $3 GROUP BY client';
  const answer = await client.query(text, ['c1', 105, new Date()]);
  assert.deepEqual(answer.rows, [{ client: 'c1', n: '300', p: 107 }]);
  assert.deepEqual(answer.fields.map((field) => field.dataTypeID), [25, 20, 701]);
  assert.equal(answer.rowCount, 1);
  const named = { name: 'by-client', text, values: ['c0', 105, new Date()] };
  for (let i = 0; i < 3; ++i) {
    assert.deepEqual((await client.query(named)).rows, [{ client: 'c0', n: '200', p: 106 }]);
  }
}

async function readsNullsAndTimes(client) {
  const answer = await client.query(
      "SELECT count(*) AS n, max(turnaround_time) AS m FROM events WHERE rp = $1", ['nobody']);
  assert.deepEqual(answer.rows, [{ n: '0', m: null }]);
  const now = await client.query('SELECT now() AS t, true AS yes');
  assert.ok(now.rows[0].t instanceof Date);
  assert.equal(now.rows[0].yes, true);
}

async function takesErrors(client) {
  const text = 'SELECT p95(turnaround_tme) FROM events WHERE client = $1';
  await assert.rejects(client.query(text, ['c']), (error) => {
    assert.equal(error.position, '12');
    assert.match(error.hint, /turnaround_time/);
    return true;
  });
  await assert.rejects(client.query('SELECT count(*) FROM events WHERE turnaround_time > $1',
                                    ['many']), { code: '22P02' });
  assert.equal((await client.query('SELECT count(*) AS n FROM events')).rows[0].n, '1000');
}

async function runsTransactions(client) {
  await client.query('BEGIN');
  await client.query('SELECT 1');
  await assert.rejects(client.query('nonsense'));
  await assert.rejects(client.query('SELECT 1'), { code: '25P02' });
  await client.query('ROLLBACK');
  const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
          client.query('SELECT count(*) AS n FROM events WHERE turnaround_time = $1', [100 + i % 10])));
  for (const answer of answers) assert.equal(answer.rows[0].n, '100');
}

// As pg-cursor does: a portal without a name, fetched a few rows at a time.
async function fetchesInSteps(client) {
  const rows = [];
  await new Promise((resolve, reject) => {
    const text = 'SELECT * FROM events WHERE client = $1 LIMIT 25';
    client.query({
      submit(connection) {
        connection.parse({ name: '', text, types: [] });
        connection.bind({ portal: '', statement: '', values: ['c1'] });
        connection.describe({ type: 'P', name: '' });
        connection.execute({ portal: '', rows: 10 });
        connection.flush();
        this.connection = connection;
      },
      handleRowDescription() {},
      handleDataRow(message) { rows.push(message.fields[2]); },
      handlePortalSuspended() {
        this.connection.execute({ portal: '', rows: 10 });
        this.connection.flush();
      },
      handleCommandComplete() { this.connection.sync(); },
      handleError: reject,
      handleReadyForQuery: resolve,
    });
  });
  assert.deepEqual(rows, Array(25).fill('c1'));
}

async function poolsConnections(port) {
  const pool = new Pool({ host: '127.0.0.1', port, user: 'kpi', database: 'kpi', max: 10 });
  const answers = await Promise.all(Array.from(
      { length: 100 }, (_, i) => pool.query(
          'SELECT count(*) AS n FROM events WHERE client = $1 AND turnaround_time <> $2',
          ['c' + i % 2, null])));
  for (const answer of answers) assert.equal(answer.rows[0].n, '0');
  const cursor = await pool.connect();
  await cursor.query('BEGIN');
  await cursor.query('DECLARE c CURSOR FOR SELECT client FROM events GROUP BY client ORDER BY client');
  assert.deepEqual((await cursor.query('FETCH 1 FROM c')).rows, [{ client: 'c0' }]);
  assert.deepEqual((await cursor.query('FETCH ALL FROM c')).rows, [{ client: 'c1' }]);
  await cursor.query('ROLLBACK');
  cursor.release();
  await pool.end();
}

async function main() {
  const client = await connect(Number(process.argv[2]));
  for (const test of [asksWithParameters, readsNullsAndTimes, takesErrors, runsTransactions,
    fetchesInSteps]) {
    await test(client);
  }
  await client.end();
  await poolsConnections(Number(process.argv[2]));
  console.log('ok');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
