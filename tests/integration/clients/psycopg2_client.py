"""psycopg2 against a running server: psycopg2_client.py PORT. Prints "ok" or raises."""

import datetime
import io
import sys
import threading

import psycopg2
import psycopg2.errors


def check_equal(found, expected):
    assert found == expected, f"{found!r} instead of {expected!r}"


def asks(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT client, count(*), p50(turnaround_time) FROM events "
                       "WHERE client = %s AND time <= %s GROUP BY client",
                       ("c1", datetime.datetime.now(datetime.timezone.utc)))
        check_equal(cursor.fetchall(), [("c1", 500, 105.0)])
        check_equal([column.type_code for column in cursor.description], [25, 20, 701])
        cursor.execute("SELECT max(turnaround_time) FROM events WHERE rp = %s", ("nobody",))
        check_equal(cursor.fetchone(), (None,))
        for begin in (datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1)):
            cursor.execute("SELECT count(*) FROM events WHERE time >= %s AND client <> %s",
                           (begin, "a\\'b"))
            check_equal(cursor.fetchone(), (1000,))
        cursor.execute("SELECT count(*) FROM events WHERE time > now() - %s",
                       (datetime.timedelta(days=9000, seconds=5400.5),))
        check_equal(cursor.fetchone(), (1000,))
        cursor.execute("SELECT now()")
        assert cursor.fetchone()[0].tzinfo is not None
    connection.commit()


def takes_errors(connection):
    with connection.cursor() as cursor:
        try:
            cursor.execute("SELECT p95(turnaround_tme) FROM events")
            raise AssertionError("a wrong name was taken")
        except psycopg2.Error as error:
            check_equal(error.diag.statement_position, "12")
            assert "turnaround_time" in error.diag.message_hint
        try:
            cursor.execute("SELECT 1")
            raise AssertionError("a failed transaction went on")
        except psycopg2.errors.InFailedSqlTransaction:
            connection.rollback()


def copies(connection):
    with connection.cursor() as cursor:
        out = io.StringIO()
        cursor.copy_expert("COPY (SELECT client, count(*) AS n FROM events GROUP BY client "
                           "ORDER BY client) TO STDOUT WITH CSV HEADER", out)
        check_equal(out.getvalue(), "client,n\nc0,500\nc1,500\n")
        check_equal(cursor.rowcount, 2)
    connection.commit()


def uses_server_cursors(connection):
    with connection.cursor("by minute") as cursor:
        cursor.itersize = 3
        cursor.execute("SELECT time_bucket('1 minute', time) AS t, client, count(*) FROM events "
                       "WHERE client <> %s GROUP BY t, client ORDER BY t, client", ("nobody",))
        first = cursor.fetchone()
        check_equal([column.name for column in cursor.description], ["t", "client", "count"])
        rest = cursor.fetchmany(4) + list(cursor)
        check_equal(first[2] + sum(row[2] for row in rest), 1000)
        check_equal(cursor.fetchone(), None)
    with connection.cursor("scrolls", scrollable=False) as cursor:
        cursor.execute("SELECT client FROM events GROUP BY client ORDER BY client")
        cursor.scroll(1)
        check_equal(cursor.fetchall(), [("c1",)])
    connection.commit()
    held = connection.cursor("held", withhold=True)
    held.execute("SELECT client FROM events GROUP BY client ORDER BY client")
    connection.commit()
    check_equal(held.fetchall(), [("c0",), ("c1",)])
    held.close()
    connection.commit()


def cancels(connection):
    with connection.cursor() as cursor:
        ready = threading.Timer(0.2, connection.cancel)
        ready.start()
        try:
            cursor.execute("FOLLOW")
            raise AssertionError("FOLLOW ended")
        except psycopg2.errors.QueryCanceled:
            connection.rollback()
        ready.join()


def main():
    connection = psycopg2.connect(host="127.0.0.1", port=int(sys.argv[1]), user="kpi",
                                  dbname="kpi")
    for test in (asks, takes_errors, copies, uses_server_cursors, cancels):
        test(connection)
    connection.close()
    print("ok")


main()
