"""psycopg 3 against a running server: psycopg3_client.py PORT. Prints "ok" or raises."""

import datetime
import sys

import psycopg
from psycopg import errors


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


def server_cursors_are_refused_clearly(connection):
    try:
        with connection.transaction(), connection.cursor("named") as cursor:
            cursor.execute("SELECT client FROM events GROUP BY client")
        raise AssertionError("DECLARE was taken")
    except errors.FeatureNotSupported:
        pass


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
                 server_cursors_are_refused_clearly, looks_types_up, is_timed_out):
        test(connection)
    connection.close()
    print("ok")


main()
