#!/bin/bash
# Timestamps (RFC 3161) of checkpoints: a test authority (`deploy/timestamp_authority`), one that is away, slow, lies or
# answers something else; checked by `nrm audit verify` and by `openssl ts -verify`. Needs openssl and Python. One line a check; the
# last line is "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 2

. tests/integration/checks
. tests/integration/country
unset http_proxy HTTP_PROXY

country "$root/build/timestamps" <<YAML
- {id: TH.police, name: Police, kind: government, roles: [police], services: [police_protection], keys: keys/police}
YAML

stamp()
{
	"$programs/nrm" audit stamp "$@"
}

# --- an authority for time, and one that misbehaves ---

"$root/deploy/timestamp_authority" authority 2>authority.errors &
pid[authority]=$!
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=stranger -keyout stranger.key \
	-out stranger.pem -addext basicConstraints=critical,CA:TRUE 2>/dev/null || exit 2
cat >liar.py <<'PYTHON'
import http.server, time

class Liar(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        reply = b"\x30\x03\x02\x01\x00"
        if self.path == "/slow":
            time.sleep(20)
        if self.path == "/again":  # what somebody asked before
            with open("other.tsr", "rb") as file:
                reply = file.read()
        self.send_response(404 if self.path == "/nowhere" else 200)
        self.send_header("Content-Type", "text/plain" if self.path == "/text" else "application/timestamp-reply")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        try:
            self.wfile.write(reply)
        except OSError:
            pass

    def log_message(self, *args):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar)
with open("liar.url", "w") as file:
    print(f"http://127.0.0.1:{server.server_port}", file=file, flush=True)
server.serve_forever()
PYTHON
/usr/bin/python3 liar.py 2>liar.errors &
pid[liar]=$!
until_true test -s authority/url
until_true test -s liar.url
tsa=$(cat authority/url)
liar=$(cat liar.url)

# --- a trail ---

start_broker
until_true ends 0 '^checkpoint of 2 leaves' verify --trail data

# --- an authority that is of no use: nothing is kept, and nothing waits ---

holds 'one that is away' ends 2 'could not be stamped: .*the authority did not answer' stamp --trail data --tsa http://127.0.0.1:1/
holds 'one that is slow is given up' ends 2 'did not answer' stamp --trail data --tsa "$liar/slow" --timeout 1
holds 'one that is not there' ends 2 'did not answer' stamp --trail data --tsa "$liar/nowhere"
holds 'one that says something else' ends 2 'did not answer' stamp --trail data --tsa "$liar/text"
holds 'nonsense' ends 2 'no timestamp|did not' stamp --trail data --tsa "$liar/nonsense"
openssl ts -query -data broker.yaml -sha256 -cert -out other.tsq 2>/dev/null
curl -s --data-binary @other.tsq "$tsa" >other.tsr
holds 'a stamp of something else' ends 2 'did not stamp what was asked' stamp --trail data --tsa "$liar/again"
holds 'one that nobody believed vouches for' ends 2 'does not verify' stamp --trail data --tsa "$tsa" --tsa-ca stranger.pem
holds 'another protocol' ends 2 'expected http://' stamp --trail data --tsa "https://127.0.0.1/"
holds 'none' ends 2 '--tsa URL is needed' stamp --trail data
holds 'nothing was kept' test ! -e data/timestamps
holds 'the broker has not noticed' verify --trail data

# --- stamped ---

holds 'the head is stamped' ends 0 'the head of 2 leaves was stamped at 20' stamp --trail data --tsa "$tsa" --tsa-ca authority/ca.pem
holds 'once' ends 0 'was stamped already at 20' stamp --trail data --tsa http://127.0.0.1:1/
holds 'anybody verifies it' ends 0 'Verification: OK' openssl ts -verify -data data/timestamps/2.note -in data/timestamps/2.tsr -CAfile authority/ca.pem
holds 'we do' ends 0 '^1 timestamp; the first 2 leaves were there at 20' verify --trail data --tsa-ca authority/ca.pem
holds 'without certificates that is told' ends 0 'timestamp was NOT checked' verify --trail data
holds 'others do not vouch for it' ends 1 'timestamps/2.tsr: a timestamp does not verify' verify --trail data --tsa-ca stranger.pem
holds 'no certificates at all' ends 2 'nothing.pem: could not check: no certificates' verify --trail data --tsa-ca nothing.pem

"$programs/nrm" audit export older --trail data >/dev/null

sed -i 's/^version: 1/version: 2/' participants.yaml
sign_directory
kill -HUP "${pid[broker]}"
until_true ends 0 '^checkpoint of 3 leaves' verify --trail data
holds 'the next day' ends 0 'the head of 3 leaves was stamped at' stamp --trail data --tsa "$tsa" --tsa-ca authority/ca.pem
holds 'both verify' ends 0 '^2 timestamps; the first 3 leaves were there' verify --trail data --tsa-ca authority/ca.pem
"$programs/nrm" audit export export --trail data >/dev/null
holds 'an export takes them along' ends 0 '^2 timestamps; the first 3 leaves' verify --export export --tsa-ca authority/ca.pem
holds 'an export can be stamped too' ends 0 'stamped already' stamp --export export --tsa "$tsa"
holds 'for machines' ends 0 '"stamped": ?\{"timestamps": ?2, ?"size": ?3' verify --export export --tsa-ca authority/ca.pem --json

# spoiled NAME PATTERN COMMAND...: an export with damaged timestamps does not verify.
spoiled()
{
	local name=$1 pattern=$2
	shift 2
	rm -rf spoiled
	cp -r export spoiled
	(cd spoiled/timestamps && "$@")
	holds "$name" ends 1 "$pattern" verify --export spoiled --tsa-ca authority/ca.pem
}
spoiled 'a stamp of another head' 'timestamps/3.tsr: a timestamp does not verify' cp 2.tsr 3.tsr
spoiled 'a truncated one' 'timestamps/3.tsr: a timestamp does not verify' truncate -s -1 3.tsr
spoiled 'an empty one' 'timestamps/3.tsr: a timestamp does not verify' truncate -s 0 3.tsr
spoiled 'one without its note' 'timestamps/3.note: the note that was stamped is not there' rm 3.note
spoiled 'another note' 'timestamps/3.note: ' cp 2.note 3.note
spoiled 'a changed note' 'timestamps/3.note: the checkpoint is not signed' sed -i 2s/3/4/ 3.note
cp export/timestamps/3.* older/timestamps/
holds 'an older checkpoint than the one that was stamped' ends 1 'older than the head that was stamped' \
	verify --export older --tsa-ca authority/ca.pem

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
