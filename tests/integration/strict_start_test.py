"""Promises P7 and P8: nothing is lost in silence at the start. A bit that has flipped in the middle
of the journal, a journal that is gone, and a list of files that was cut keep the server down with 78
and a line that says why; nothing is changed, and once the bytes are back so is everything. Damage
that is met later, while tables are rewritten, ends the server likewise: another start would only
meet it again. A disk that errs is another matter: 74, and the next start may do."""

import glob
import os
import shutil
import subprocess
import threading

import harness
import senders

FAIL_STOP, BUSY, DATA = 74, 75, 78
# Events of today, and nothing is sealed while they settle: they are in the log alone.
OPTIONS = ("--settle", "1h", "--log-level", "error")
DAY_MS = 86_400_000


def crashed_store(directory):
    """(ledger, path of the log that holds its events)"""
    ledger = senders.Ledger(harness.now_ms() // DAY_MS * DAY_MS)
    with harness.Server(directory, *OPTIONS) as server:
        load = senders.Senders(ledger, server.http, 2, 1)
        ledger.wait_for_answers(5000)
        load.stop()
        watermark = os.path.join(server.data_dir, "WATERMARK")
        before = os.stat(watermark).st_mtime_ns if os.path.exists(watermark) else 0
        harness.wait_until(lambda: os.path.exists(watermark) and
                           os.stat(watermark).st_mtime_ns > before, "the watermark moves")
        server.kill()
        return ledger, max(glob.glob(os.path.join(server.data_dir, "*.log")), key=os.path.getsize)


def check_refused(directory, word, code=DATA):
    try:
        harness.Server(directory, *OPTIONS).kill()
    except RuntimeError as ended:
        harness.check(f"ended with {code}:" in str(ended), ended)
        harness.check(word in str(ended).lower(), ended)
        return
    raise AssertionError("a damaged journal was opened")


def check_whole(directory, ledger):
    with harness.Server(directory, *OPTIONS) as server:
        senders.check_totals(server, ledger)
        senders.check_ids(server, ledger, 0, ledger.next_id)
        harness.check_equal(server.stop(), 0, "exit code")


def flip(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 4]))


def a_flipped_bit_keeps_the_server_down():
    with harness.directory() as directory:
        ledger, log = crashed_store(directory)
        size = os.path.getsize(log)
        for part in range(1, 8):
            flip(log, size * part // 8)
            check_refused(directory, "corruption")
            flip(log, size * part // 8)
        check_whole(directory, ledger)


def a_journal_that_is_gone_keeps_the_server_down():
    with harness.directory() as directory:
        ledger, log = crashed_store(directory)
        data = os.path.dirname(log)
        copy = os.path.join(directory, "copy")
        shutil.copytree(data, copy)
        os.unlink(log)
        check_refused(directory, "open_failed")
        shutil.rmtree(data)
        os.rename(copy, data)
        check_whole(directory, ledger)


def a_list_of_files_that_was_cut_keeps_the_server_down():
    with harness.directory() as directory:
        ledger, log = crashed_store(directory)
        with open(os.path.join(os.path.dirname(log), "CURRENT"), encoding="ascii") as current:
            path = os.path.join(os.path.dirname(log), current.read().strip())
        with open(path, "rb") as file:
            whole = file.read()
        for size in (0, len(whole) // 2, len(whole) - 1):
            os.truncate(path, size)
            check_refused(directory, "the list of files " + path.lower())
            with open(path, "wb") as file:
                file.write(whole)
        os.rename(path, path + ".gone")
        check_refused(directory, "the list of files " + path.lower() + " is missing")
        os.rename(path + ".gone", path)
        check_whole(directory, ledger)


def a_disk_that_errs_at_the_start_is_tried_again():
    """Reading a directory as a file fails as reading from a sick disk does: no sign of damage."""
    with harness.directory() as directory:
        ledger, log = crashed_store(directory)
        for name in ("LISTMARK", "WATERMARK"):
            path = os.path.join(os.path.dirname(log), name)
            os.rename(path, path + ".whole")
            os.mkdir(path)
            check_refused(directory, "open_failed", FAIL_STOP)
            os.rmdir(path)
            os.rename(path + ".whole", path)
        check_whole(directory, ledger)


def a_file_in_the_place_of_the_directory_is_no_sick_disk():
    with harness.directory() as directory:
        with open(os.path.join(directory, "data"), "w", encoding="ascii") as file:
            file.write("no store")
        check_refused(directory, "is not a directory")


def a_damaged_watermark_is_told():
    with harness.directory() as directory:
        ledger, log = crashed_store(directory)
        with open(os.path.join(os.path.dirname(log), "WATERMARK"), "r+b") as file:
            slots = max(len(file.read()), 16)  # It may have been made only just now.
            file.seek(0)
            file.write(b"?" * slots)
        with harness.Server(directory) as server:
            senders.check_totals(server, ledger)
            with open(server.log_path, encoding="utf-8") as lines:
                harness.check("WATERMARK is damaged" in lines.read(), "nothing is told")


def add_a_table(directory):
    """Some events of a day that has closed, sealed by the end; the exit code and the log."""
    with harness.Server(directory) as server:
        then = harness.now_ms() - 2 * DAY_MS
        lines = "".join(harness.event_line(then - i, client="c" + str(i % 50),
                                           measures={"turnaround_time": i % 5000})
                        for i in range(3000))
        try:
            harness.post(server.http, "/v1/events", lines, Content_Type="application/x-ndjson")
        except OSError:
            pass  # It ends by itself.
        code = server.stop()
        with open(server.log_path, encoding="utf-8") as log:
            return code, log.read()


def damage_that_is_met_while_tables_are_rewritten_keeps_it_down():
    with harness.directory() as directory:
        harness.check_equal(add_a_table(directory)[0], 0, "exit code of a whole store")
        table = max(glob.glob(os.path.join(directory, "data", "*.sst")), key=os.path.getsize)
        flip(table, os.path.getsize(table) // 3)
        code, log = 0, ""
        for _ in range(16):  # So many new tables make RocksDB rewrite the old ones.
            try:
                code, log = add_a_table(directory)
            except RuntimeError as ended:  # It was met before the server was ready.
                harness.check(f"ended with {DATA}" in str(ended), ended)
                code, log = DATA, str(ended)
            if code != 0:
                break
        harness.check_equal(code, DATA, "exit code of a damaged store")
        harness.check("salvage" in log, log[-1000:])


def two_servers_on_one_store():
    with harness.directory() as directory, harness.directory() as other:
        with harness.Server(directory) as server:
            try:
                harness.Server(other, data_dir=server.data_dir).kill()
            except RuntimeError as ended:
                harness.check(f"ended with {BUSY}" in str(ended), ended)
                harness.check("another process" in str(ended), ended)
            else:
                raise AssertionError("a store was opened twice")


def a_reader_beside_restarts_sees_no_damage():
    """Its list of files is replaced with every start, and grows with every seal."""
    ledger = senders.Ledger(harness.now_ms() - DAY_MS)
    wrong, reads, done = [], [], threading.Event()

    def read(data):
        while not done.is_set():
            asked = subprocess.run([harness.binary("kpi-query"), "--data-dir", data,
                                    "SELECT count(*) FROM events"], capture_output=True, text=True)
            reads.append(asked.returncode)
            if asked.returncode != 0:
                wrong.append(asked.stderr)

    with harness.directory() as directory:
        with harness.Server(directory) as server:
            reader = threading.Thread(target=read, args=(server.data_dir,))
        reader.start()
        try:
            for life in range(5):
                with harness.Server(directory, "--settle", "0", "--journal-max", "1M",
                                    "--live-max", "1M", "--log-level", "error") as server:
                    load = senders.Senders(ledger, server.http, 2, life)
                    ledger.wait_for_answers(len(ledger.answered) + 1000)
                    had = len(reads)
                    harness.wait_until(lambda: len(reads) > had + 2, "the reader gets on", 60)
                    if life % 2 == 0:
                        server.kill()
                    load.stop()
        finally:
            done.set()
            reader.join()
    harness.check_equal(wrong, [], "what a reader was told")


harness.main(a_flipped_bit_keeps_the_server_down, a_journal_that_is_gone_keeps_the_server_down,
             a_list_of_files_that_was_cut_keeps_the_server_down, a_damaged_watermark_is_told,
             a_disk_that_errs_at_the_start_is_tried_again,
             a_file_in_the_place_of_the_directory_is_no_sick_disk,
             damage_that_is_met_while_tables_are_rewritten_keeps_it_down,
             two_servers_on_one_store, a_reader_beside_restarts_sees_no_damage)
