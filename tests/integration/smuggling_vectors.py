"""Bytes that two servers might cut into different requests: each vector has a request "a", and behind or
within it a request "b" that one reading takes for body and another for a request of its own. `statuses` is
what our server says to them when it is asked directly, in order; `stored` are the requests whose report it
takes. A connection is closed after a request that cannot be cut out of its bytes."""

from dataclasses import dataclass

PLACE = b"v000"  # Replaced by the number of the vector; all names are of one length.
REPORT = (b"outcome=success&time_to_show_ui=100&time_to_continue=200&time_to_receive_token=300"
          b"&turnaround_time=600")
FORM = "Content-Type: application/x-www-form-urlencoded"
SIZE = len(REPORT)


@dataclass
class Vector:
    name: str
    data: bytes
    statuses: tuple
    stored: str = ""


def head(*lines, origin="a", start="POST /metrics HTTP/1.1", host="Host: x", form=FORM):
    """A head with its empty line; `lines` are latin-1 and may hold anything."""
    fixed = [host, f"Origin: https://v000{origin}0.example", form]
    return "\r\n".join([start, *filter(None, fixed), *lines]).encode("latin-1") + b"\r\n\r\n"


def length(value=SIZE):
    return f"Content-Length: {value}"


def chunks(*parts, last=b"0\r\n\r\n"):
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + last


CHUNKED = "Transfer-Encoding: chunked"
A = head(length()) + REPORT
B = head(length(), origin="b") + REPORT
BODY = chunks(REPORT)
HALVES = (REPORT[:40], REPORT[40:])
# A body of "a" within which "b" stands whole: one request, whose report has each key twice.
OUTER = REPORT + b"&x=" + B

VECTORS = []


def taken(name, data, stored="ab", statuses=None):
    VECTORS.append(Vector(name, data, statuses or (204,) * len(stored), stored))


def refused(name, data, status=400, before=""):
    VECTORS.append(Vector(name, data, (204,) * len(before) + (status,), before))


# Length and transfer coding together.
refused("CL.TE: b behind the last chunk", head(length(5 + len(B)), CHUNKED) + b"0\r\n\r\n" + B)
refused("TE.CL: b within a chunk", head(CHUNKED, length(4)) + chunks(B))
refused("CL of 0 and TE", head(length(0), CHUNKED) + BODY + B)
refused("TE and CL of 0", head(CHUNKED, length(0)) + BODY + B)
refused("CL, TE of another case", head(length(), "tRANSFER-eNCODING: CHUNKED") + BODY + B)
refused("CL and TE: identity", head(length(), "Transfer-Encoding: identity") + REPORT + B)
refused("CL and TE: xchunked", head(length(), "Transfer-Encoding: xchunked") + REPORT + B)
refused("CL, TE in the second of two requests", A + head(length(5), CHUNKED, origin="b") + b"0\r\n\r\n",
        400, "a")

# More than one length.
refused("CL twice, the larger last", head(length(), length(SIZE + len(B))) + REPORT + B)
refused("CL twice, the smaller last", head(length(len(OUTER)), length()) + OUTER)
refused("CL twice, equal", head(length(), length()) + REPORT + B)
refused("CL twice, 0 first", head(length(0), length()) + REPORT + B)
refused("CL list of equal ones", head(length(f"{SIZE}, {SIZE}")) + REPORT + B)
refused("CL list of different ones", head(length(f"{SIZE}, 0")) + REPORT + B)
refused("CL list, comma behind", head(length(f"{SIZE},")) + REPORT + B)
refused("CL list, comma ahead", head(length(f",{SIZE}")) + REPORT + B)

# Lengths that are no number.
for what, value in (("plus sign", f"+{SIZE}"), ("minus sign", f"-{SIZE}"), ("-1", "-1"), ("hex", hex(SIZE)),
                    ("blank within", "1 1"), ("quotes", f'"{SIZE}"'), ("fraction", f"{SIZE}.0"),
                    ("exponent", "1e2"), ("underscore", "1_0"), ("empty", ""), ("letters", "abc"),
                    ("parameter", f"{SIZE};q=1"), ("word behind", f"{SIZE} bytes"),
                    ("2^64", "18446744073709551616"), ("2^64 + SIZE", str(2 ** 64 + SIZE)),
                    ("NUL behind", f"{SIZE}\0"), ("VT ahead", f"\x0b{SIZE}"), ("FF behind", f"{SIZE}\x0c"),
                    ("NBSP ahead", f"\xa0{SIZE}"), ("superscript", "\xb2")):
    refused(f"CL: {what}", head(length(value)) + REPORT + B)
refused("CL: 2^63", head(length(2 ** 63)) + REPORT + B, 413)
taken("CL: leading zeros", head(length(f"000{SIZE}")) + REPORT + B)
taken("CL: tab and blanks around", head(f"Content-Length:\t {SIZE} \t") + REPORT + B)
taken("CL: the body holds b", head(length(len(OUTER))) + OUTER, "", (400,))
taken("CL of other spellings is no CL",
      head(length(), "Content_Length: 0", "X-Content-Length: 0") + REPORT + B)

# Transfer codings.
for what, value, status in (
        ("identity", "identity", 501), ("gzip", "gzip", 501), ("gzip, chunked", "gzip, chunked", 501),
        ("chunked, identity", "chunked, identity", 501), ("chunked, chunked", "chunked, chunked", 501),
        ("identity, chunked", "identity, chunked", 501), ("xchunked", "xchunked", 501),
        ("chunkedx", "chunkedx", 501), ("chunked;q=1", "chunked;q=1", 501), ("quotes", '"chunked"', 501),
        ("comma behind", "chunked,", 501), ("comma ahead", ",chunked", 501), ("empty", "", 501),
        ("dotted k", "chun\xe4ked", 501), ("NUL within", "chun\0ked", 400), ("NUL behind", "chunked\0", 400),
        ("VT ahead", "\x0bchunked", 400), ("NBSP ahead", "\xa0chunked", 501)):
    refused(f"TE: {what}", head(f"Transfer-Encoding: {value}") + BODY + B, status)
refused("TE twice", head(CHUNKED, CHUNKED) + BODY + B)
refused("TE twice, identity last", head(CHUNKED, "Transfer-Encoding: identity") + BODY + B)
refused("TE twice, identity first", head("Transfer-Encoding: identity", CHUNKED) + BODY + B, 501)
refused("TE in HTTP/1.0", head(CHUNKED, start="POST /metrics HTTP/1.0") + BODY + B)
refused("TE in HTTP/1.0 with keep-alive",
        head("Connection: keep-alive", CHUNKED, start="POST /metrics HTTP/1.0") + BODY + B)
taken("TE: CHUNKED", head("Transfer-Encoding: CHUNKED") + BODY + B)
taken("TE: tab and blanks around", head("Transfer-Encoding:\tchunked \t") + BODY + B)
taken("TE of another spelling is no TE", head("Transfer_Encoding: chunked", length()) + REPORT + B)
refused("TE of another spelling, no CL", head("X-Transfer-Encoding: chunked") + BODY + B, 411)

# Names and colons.
refused("blank before the colon of CL", head(f"Content-Length : {SIZE}") + REPORT + B)
refused("blank before the colon of TE", head("Transfer-Encoding : chunked", length()) + BODY + B)
refused("tab before the colon of TE", head("Transfer-Encoding\t: chunked", length()) + BODY + B)
refused("NUL in a name", head("Transfer\0-Encoding: chunked", length()) + REPORT + B)
refused("control byte ahead of a name", head("\x01Transfer-Encoding: chunked", length()) + REPORT + B)
refused("byte beyond ASCII in a name", head("Transfer-Encoding\xa0: chunked", length()) + REPORT + B)
refused("empty name", head(": x", length()) + REPORT + B)
refused("line without a colon", head("Transfer-Encoding chunked", length()) + REPORT + B)
refused("blank ahead of the first name", A.replace(b"\r\nHost", b"\r\n Host", 1) + B)
refused("NUL in a value", head("X: a\0b", length()) + REPORT + B)
refused("DEL in a value", head("X: a\x7fb", length()) + REPORT + B)
refused("name of 9,000 bytes", head("X" * 9000 + ": 1", length()) + REPORT + B, 431)
refused("value of 9,000 bytes", head("X: " + "1" * 9000, length()) + REPORT + B, 431)
refused("2,000 fields", head(*["X: 1"] * 2000, length()) + REPORT + B, 431)
refused("Origin twice", head("Origin: https://v000b0.example", length()) + REPORT + B)
taken("bytes beyond ASCII in a value", head("X: \xe4\xf6", length()) + REPORT + B)
taken("trailing commas in Connection", head("Connection: keep-alive,,", length()) + REPORT + B)
taken("Connection names Content-Length", head("Connection: Content-Length", length()) + REPORT + B)

# Line ends and folds.
refused("bare LF behind a field", head("X: 1\nTransfer-Encoding: chunked", length()) + REPORT + B)
refused("bare LF behind the request line", A.replace(b"HTTP/1.1\r\n", b"HTTP/1.1\n", 1) + B)
refused("bare LFs alone", A.replace(b"\r\n", b"\n") + B)
refused("LF LF ends the head", head(length()).replace(b"\r\n\r\n", b"\n\n") + REPORT + B)
refused("CR LF LF ends the head", head(length()).replace(b"\r\n\r\n", b"\r\n\n") + REPORT + B)
refused("bare CR within a value", head("X: 1\rTransfer-Encoding: chunked", length()) + REPORT + B)
refused("bare CR as a line end", A.replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r", 1) + B, 505)
refused("CR CR LF", head("X: 1\r", length()) + REPORT + B)
refused("folded CL", head(f"Content-Length:\r\n {SIZE}") + REPORT + B)
refused("folded TE", head("Transfer-Encoding:\r\n chunked", length()) + BODY + B)
refused("TE in a fold", head("X: 1\r\n Transfer-Encoding: chunked", length()) + REPORT + B)
refused("fold with a tab", head("X: 1\r\n\tTransfer-Encoding: chunked", length()) + REPORT + B)
refused("fold of nothing", head("X: 1\r\n ", length()) + REPORT + B)
taken("empty lines ahead", b"\r\n\r\n" + A + b"\r\n" + B)

# Chunks.
TE_HEAD = head(CHUNKED)
taken("chunks", TE_HEAD + chunks(*HALVES) + B)
taken("chunk size with leading zeros", TE_HEAD + b"000%x\r\n%s\r\n000\r\n\r\n" % (SIZE, REPORT) + B)
taken("chunk size in upper case", TE_HEAD + b"%X\r\n%s\r\n0\r\n\r\n" % (SIZE, REPORT) + B)
taken("chunk extension", TE_HEAD + b'%x;a=b;c="d e"\r\n%s\r\n0;last\r\n\r\n' % (SIZE, REPORT) + B)
taken("trailer", TE_HEAD + chunks(REPORT, last=b"0\r\nX: 1\r\nOrigin: https://v000b0.example\r\n\r\n") + B)
taken("b within a chunk", TE_HEAD + chunks(OUTER), "", (400,))
for what, size in (("sign", b"+%x"), ("minus", b"-%x"), ("0x", b"0x%x"), ("blank ahead", b" %x"),
                   ("blank behind", b"%x "), ("tab behind", b"%x\t"), ("NUL behind", b"%x\0"),
                   ("overflow", b"10000000000000000%x"), ("letter behind", b"%xg"), ("comma", b"%x,1"),
                   ("extension without a name", b"%x;"), ("LF in an extension", b'%x;a="\n"'),
                   ("CR in an extension", b'%x;a="\r"'), ("NUL in an extension", b"%x;\0"),
                   ("extension of 5,000 bytes", b"%x;" + b"a" * 5000)):
    refused(f"chunk size: {what}", TE_HEAD + (size + b"\r\n%s\r\n0\r\n\r\n") % (SIZE, REPORT) + B)
refused("chunk size: none", TE_HEAD + b"\r\n" + REPORT + b"\r\n0\r\n\r\n" + B)
refused("chunk size: 2^64 - 1", TE_HEAD + b"ffffffffffffffff\r\n" + REPORT + b"\r\n0\r\n\r\n" + B, 413)
refused("chunk size: too small", TE_HEAD + b"%x\r\n%s\r\n0\r\n\r\n" % (SIZE - 1, REPORT) + B)
refused("chunk line ends in a bare LF", TE_HEAD + b"%x\n%s\r\n0\r\n\r\n" % (SIZE, REPORT) + B)
refused("chunk ends in a bare LF", TE_HEAD + b"%x\r\n%s\n0\r\n\r\n" % (SIZE, REPORT) + B)
refused("chunk ends in two bytes that are no CR LF", TE_HEAD + b"%x\r\n%sXY0\r\n\r\n" % (SIZE, REPORT) + B)
refused("last chunk line ends in a bare LF", TE_HEAD + chunks(REPORT, last=b"0\n\r\n") + B)
refused("no CR LF behind the last chunk", TE_HEAD + chunks(REPORT, last=b"0\r\n") + B[:-SIZE] + b"\r\n")
refused("CL in a trailer", TE_HEAD + chunks(REPORT, last=b"0\r\nContent-Length: 0\r\n\r\n") + B)
refused("TE in a trailer", TE_HEAD + chunks(REPORT, last=b"0\r\nTransfer-Encoding: chunked\r\n\r\n") + B)
refused("bare LF in a trailer", TE_HEAD + chunks(REPORT, last=b"0\r\nX: 1\n\r\n") + B)

# Request lines, hosts, versions.
taken("absolute form, another Host", head(length(), start="POST http://other/metrics HTTP/1.1") + REPORT + B)
refused("absolute form of another scheme", head(length(), start="POST ftp://x/metrics HTTP/1.1") + REPORT + B)
refused("absolute form in a query", head(length(), start="POST y?x://y/metrics HTTP/1.1") + REPORT + B)
refused("absolute form without a host", head(length(), start="POST http:///metrics HTTP/1.1") + REPORT + B)
refused("absolute form with a user", head(length(), start="POST http://u@x/metrics HTTP/1.1") + REPORT + B)
refused("fragment", head(length(), start="POST /metrics#/x HTTP/1.1") + REPORT + B)
refused("byte beyond ASCII in the target", head(length(), start="POST /metrics?\xe4 HTTP/1.1") + REPORT + B)
refused("CONNECT", head(length(), start="CONNECT x:80 HTTP/1.1") + REPORT + B)
refused("no Host", head(length(), host="") + REPORT + B)
refused("two Hosts", head("Host: y", length()) + REPORT + B)
refused("Host: blank within", head(length(), host="Host: x y") + REPORT + B)
refused("Host: list", head(length(), host="Host: x,y") + REPORT + B)
refused("Host: path", head(length(), host="Host: x/metrics") + REPORT + B)
refused("Host: user", head(length(), host="Host: u@x") + REPORT + B)
refused("Host: port with letters", head(length(), host="Host: x:8o") + REPORT + B)
taken("Host: address and port", head(length(), host="Host: [::1]:8090") + REPORT + B)
refused("HTTP/0.9", b"POST /metrics\r\n\r\n" + B)
refused("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + B, 505)
refused("HTTP/1.2", head(length(), start="POST /metrics HTTP/1.2") + REPORT + B, 505)
refused("http/1.1", head(length(), start="POST /metrics http/1.1") + REPORT + B, 505)
refused("two versions", head(length(), start="POST /metrics HTTP/1.1 HTTP/1.1") + REPORT + B, 505)
refused("blank behind the version", head(length(), start="POST /metrics HTTP/1.1 ") + REPORT + B, 505)
refused("two blanks", head(length(), start="POST  /metrics HTTP/1.1") + REPORT + B)
refused("tab between", head(length(), start="POST\t/metrics HTTP/1.1") + REPORT + B)
refused("blank ahead of the method", head(length(), start=" POST /metrics HTTP/1.1") + REPORT + B)
taken("HTTP/1.0 closes: what follows is not read", head(length(), start="POST /metrics HTTP/1.0") + REPORT + B,
      "a")
taken("HTTP/1.0, keep-alive",
      head("Connection: keep-alive", length(), start="POST /metrics HTTP/1.0", host="") + REPORT + B)

# Bodies where none is expected, upgrades, expectations, what is left over.
taken("GET with a body", head(length(len(B)), start="GET /wsapi/ping HTTP/1.1") + B + A, "a", (200, 204))
taken("GET with chunks", head(CHUNKED, start="GET /wsapi/ping HTTP/1.1") + chunks(B) + A, "a", (200, 204))
taken("DELETE with a body", head(length(len(B)), start="DELETE /metrics HTTP/1.1") + B + A, "a", (405, 204))
refused("no length at all", head() + B, 411)
taken("Upgrade: h2c", head("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk",
                           length()) + REPORT + B)
taken("Upgrade: websocket", head("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                                 length()) + REPORT + B)
taken("Expect: the body comes along", head("Expect: 100-continue", length()) + REPORT + B)
refused("Expect of something else", head("Expect: 200-ok", length()) + REPORT + B, 417)
taken("Connection: close, b is not read", head("Connection: close", length()) + REPORT + B, "a")
refused("CL too small: the rest is no request", head(length(SIZE - 10)) + REPORT + B, 400, "a")
refused("CL too large: b is body", head(length(SIZE + len(B) + 10)) + REPORT + B, 408)
refused("half a head is left over", A + head(length(), origin="b")[:60], 408, "a")
taken("four in a row", A + B + head(CHUNKED, origin="c") + BODY + head(length(), origin="d") + REPORT, "abcd")
