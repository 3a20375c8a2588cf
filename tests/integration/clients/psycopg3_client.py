"""psycopg 3 against a running server: psycopg3_client.py PORT. Prints "ok" or raises."""

import asyncio
import datetime
import decimal
import sys

import psycopg


def check_equal(found, expected):
    assert found == expected, f"{found!r} instead of {expected!r}"


COUNT = "SELECT count(*) FROM events WHERE turnaround_time >= %s AND client = %s"


def asks_in_text_and_binary(connection):
    for binary in (False, True):
        cursor = connection.cursor(binary=binary)
        cursor.execute("SELECT client, count(*), p50(turnaround_time), successes() > 0 FROM events "
                       "WHERE client = %s AND time <= %s AND turnaround_time < %s GROUP BY client",
                       ("c1", datetime.datetime.now(datetime.timezone.utc), 1000))
        check_equal(cursor.fetchall(), [("c1", 500, 105.0, True)])
        check_equal([column.type_code for column in cursor.description], [25, 20, 701, 16])
        cursor.execute("SELECT max(turnaround_time) FROM events WHERE rp = %s", ("nobody",))
        check_equal(cursor.fetchone(), (None,))
        cursor.execute("SELECT TIMESTAMP '2026-11-22 09:00:00.123' AS t")
        check_equal(cursor.fetchone()[0].astimezone(datetime.timezone.utc),
                    datetime.datetime(2026, 11, 22, 9, 0, 0, 123000, datetime.timezone.utc))
        cursor.execute("SELECT count(*) FROM events WHERE turnaround_time >= %b", (105,))
        check_equal(cursor.fetchone(), (500,))


def prepares(connection):
    for _ in range(12):  # Prepared from the sixth on.
        check_equal(connection.execute(COUNT, (105, "c1")).fetchone(), (300,))
    check_equal(connection.execute(COUNT, (105, "c0"), prepare=True).fetchone(), (200,))


def pipelines(connection):
    with connection.pipeline():
        cursors = [connection.execute(COUNT, (100 + i % 10, "c1")) for i in range(100)]
    check_equal(cursors[9].fetchone(), (100,))
    check_equal(cursors[0].fetchone(), (500,))


def executes_many(connection):
    cursor = connection.cursor()
    cursor.executemany(COUNT, [(100, "c0"), (108, "c0")], returning=True)
    found = [cursor.fetchone()]
    while cursor.nextset():
        found.append(cursor.fetchone())
    check_equal(found, [(500,), (100,)])


def takes_errors(connection):
    try:
        connection.execute("SELECT p95(turnaround_tme) FROM events WHERE client = %s", ("c",))
        raise AssertionError("a wrong name was taken")
    except psycopg.Error as error:
        check_equal(error.diag.statement_position, "12")
        assert "turnaround_time" in error.diag.message_hint
    try:
        with connection.transaction():
            connection.execute("nonsense")
    except psycopg.Error:
        pass
    with connection.transaction():
        try:
            with connection.transaction():  # A savepoint.
                connection.execute("nonsense")
        except psycopg.Error:
            pass
        check_equal(connection.execute("SELECT count(*) FROM events").fetchone(), (1000,))


def copies(connection):
    with connection.cursor().copy("COPY (SELECT client, count(*) FROM events GROUP BY client "
                                  "ORDER BY client) TO STDOUT") as copy:
        check_equal(list(copy.rows()), [("c0", "500"), ("c1", "500")])


def uses_server_cursors(connection):
    for binary in (False, True):
        with connection.transaction(), connection.cursor("named", binary=binary) as cursor:
            cursor.itersize = 7
            cursor.execute("SELECT time_bucket('1 minute', time) AS t, client, count(*) FROM events "
                           "WHERE client = %s GROUP BY t, client ORDER BY t", ("c1",))
            check_equal([column.name for column in cursor.description], ["t", "client", "count"])
            rows = cursor.fetchmany(3) + list(cursor)
            check_equal(sum(row[2] for row in rows), 500)
            assert rows[0][0].tzinfo is not None
    with connection.cursor("held", withhold=True) as cursor:
        cursor.execute("SELECT client FROM events GROUP BY client ORDER BY client")
        cursor.scroll(1)
        check_equal(cursor.fetchall(), [("c1",)])


def binds_every_type(connection):
    now = datetime.datetime.now(datetime.timezone.utc)
    for mark in ("%s", "%t", "%b"):
        for bound in (105, decimal.Decimal("104.5"), 104.5, decimal.Decimal("105")):
            check_equal(connection.execute("SELECT count(*) FROM events WHERE turnaround_time >= "
                                           + mark, (bound,)).fetchone(), (500,))
        for moment in (now, now.replace(tzinfo=None), now.astimezone(
                datetime.timezone(datetime.timedelta(hours=5)))):
            check_equal(connection.execute(f"SELECT count(*) FROM events WHERE time > {mark}",
                                           (moment,)).fetchone(), (0,))
        check_equal(connection.execute(f"SELECT count(*) FROM events WHERE time > {mark}",
                                       (now.date() - datetime.timedelta(days=2),)).fetchone(),
                    (1000,))
        check_equal(connection.execute(f"SELECT count(*) FROM events WHERE time > now() - {mark}",
                                       (datetime.timedelta(days=9000, seconds=5400.5),)).fetchone(),
                    (1000,))
        check_equal(connection.execute(f"SELECT count(*) FROM events WHERE client = {mark}",
                                       (None,)).fetchone(), (0,))
        check_equal(connection.execute(f"SELECT count(*) FROM events WHERE client <> {mark}",
                                       ("h\u00e4' \\ %",)).fetchone(), (1000,))


def fails_within_a_pipeline(connection):
    """The driver tells of the error as soon as the answer is there: at any call behind it."""
    failed = None
    try:
        with connection.pipeline() as pipeline:
            good = connection.execute(COUNT, (100, "c1"))
            pipeline.sync()
            check_equal(good.fetchone(), (500,))
            connection.execute("SELECT nonsense(turnaround_time) FROM events WHERE client = %s",
                               ("c",))
            behind = connection.execute(COUNT, (100, "c1"))
            pipeline.sync()
            behind.fetchone()
    except psycopg.Error as error:
        failed = error
    assert failed is not None, "a wrong name was taken"
    check_equal(connection.execute(COUNT, (100, "c1")).fetchone(), (500,))


async def asks_at_once(port):
    async def one(number):
        async with await psycopg.AsyncConnection.connect(
                host="127.0.0.1", port=port, user="kpi", dbname="kpi") as connection:
            async with connection.cursor(f"cursor {number}") as cursor:
                await cursor.execute("SELECT client FROM events GROUP BY client ORDER BY client")
                rows = [row async for row in cursor]
            async with connection.cursor().copy("COPY (SELECT count(*) FROM events) TO STDOUT") as copy:
                return rows, [row async for row in copy.rows()]

    for answer in await asyncio.gather(*(one(number) for number in range(20))):
        check_equal(answer, ([("c0",), ("c1",)], [("1000",)]))


def looks_types_up(connection):
    info = psycopg.types.TypeInfo.fetch(connection, "int8")
    check_equal((info.name, info.oid, info.array_oid), ("int8", 20, 1016))
    check_equal(psycopg.types.TypeInfo.fetch(connection, "hstore"), None)


def is_timed_out(connection):
    connection.execute("SET statement_timeout = '5s'")
    check_equal(connection.execute("SHOW statement_timeout").fetchone(), ("5s",))


def main():
    connection = psycopg.connect(host="127.0.0.1", port=int(sys.argv[1]), user="kpi",
                                 dbname="kpi", autocommit=True)
    for test in (asks_in_text_and_binary, prepares, pipelines, executes_many, takes_errors, copies,
                 uses_server_cursors,
                 binds_every_type, fails_within_a_pipeline, looks_types_up, is_timed_out):
        test(connection)
    connection.close()
    asyncio.run(asks_at_once(int(sys.argv[1])))
    print("ok")


main()
