#!/bin/bash
# The auditor's page with real programs: a small country with traffic, the page beside its broker, and curl. Every path, who is let in,
# what is refused, a trail that was tampered with, a store that is cut short under the reader, forgetting, stopping.
# One line a check; the last line is "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 2

. tests/integration/checks
. tests/integration/country

country "$root/build/page" <<'YAML'
- {id: TH.ngo, name: Case managers, kind: ngo, roles: [ngo_case_manager], services: [follow_up], keys: keys/ngo}
- {id: TH.police, name: Police, kind: government, roles: [police], services: [police_protection], keys: keys/police}
- {id: TH.shelter, name: "=Shelter, \"Lotus\"", kind: ngo, roles: [shelter], services: [emergency_shelter], keys: keys/shelter}
YAML
start_country
. "$root/tests/integration/page/traffic"

# --- the page ---

password=$'fern water ✓'
printf '%s\n' "$password" | "$programs/nrm" audit password rapporteur --credentials credentials || exit 1

# serve OPTION...: starts the page, sets `url`.
serve()
{
	: >page.out
	"$programs/nrm" audit serve --trail data --authority keys/authority/authority.pub --listen 127.0.0.1:0 --credentials credentials \
		"$@" >page.out 2>>page.log &
	pid[page]=$!
	until_true grep -q '^http://127' page.out
	url=$(cat page.out)
}
# get PATH [CURL-OPTION...]: the body in `body`, the headers in `head`; prints the status.
get()
{
	curl -sS -m 40 --path-as-is -u "rapporteur:$password" -D head -o body -w '%{http_code}' "$url$1" "${@:2}"
}
# answers STATUS PATTERN PATH [CURL-OPTION...]
answers()
{
	local status
	status=$(get "${@:3}")
	echo "status $status: $(head -c 600 body)"
	[ "$status" = "$1" ] && grep -Eq -- "$2" body
}
says()
{
	grep -Eq -- "$1" body
}
has_header()
{
	grep -iq -- "^$1"$'\r'"\?$" head || { cat head; return 1; }
}
# value EXPRESSION: of the body, in Python, as `o`.
value()
{
	python3 -c 'import json,sys; o=json.load(open("body")); print(eval(sys.argv[1]))' "$1"
}
is()
{
	local found
	found=$(value "$1") || return 1
	echo "$1 is $found; body: $(head -c 600 body)"
	[ "$found" = "$2" ]
}
verification()
{
	get api/status >/dev/null && is 'o["verification"]["state"]' "$1" && is 'o["verification"]["progress"] is None' True
}
indexed()
{
	[ "$(get api/attention)" = 200 ] && is 'None in [i["count"] for i in o["items"]]' False
}

holds 'an address of the network is refused' ends 2 'behind-tls-proxy' "$programs/nrm" audit serve --trail data --credentials credentials \
	--listen 0.0.0.0:0
holds 'an address that is none' ends 2 'expected an address and a port' "$programs/nrm" audit serve --trail data \
	--credentials credentials --listen localhost
holds 'without credentials' ends 2 'audit password' "$programs/nrm" audit serve --trail data
chmod 644 credentials
holds 'credentials that others may read' ends 2 'expected mode 0600' "$programs/nrm" audit serve --trail data --credentials credentials
chmod 600 credentials
echo 'nobody' >bad-credentials
chmod 600 bad-credentials
holds 'credentials of another form' ends 2 'bad-credentials:1: expected name:scrypt' "$programs/nrm" audit serve --trail data \
	--credentials bad-credentials
holds 'no password in the file' eval "! grep -q 'fern' credentials"

serve --state state --host audit.example
holds 'the trail verifies' until_true verification verifies
holds 'and is read' until_true indexed

# --- who is let in ---

plain()
{
	curl -sS -m 40 --path-as-is -o body -D head -w '%{http_code}' "$url$1" "${@:2}"
}
# refused STATUS PATH CURL-OPTION...
refused()
{
	local status
	status=$(plain "${@:2}")
	echo "status $status: $(head -c 300 body)"
	[ "$status" = "$1" ]
}
holds 'nobody without a password' refused 401 ''
holds 'who is asked for one' has_header 'WWW-Authenticate: Basic realm="nrm audit", charset="UTF-8"'
holds 'nor to an interface' refused 401 api/status
holds 'nor with a wrong one' refused 401 api/status -u rapporteur:fern
holds 'nor with a wrong name' refused 401 api/status -u "somebody:$password"
holds 'nor with half a header' refused 401 api/status -H 'Authorization: Basic zzz'
guesses()
{
	local i
	for i in 1 2 3 4 5 6 7 8; do
		plain api/status -u "rapporteur:$i" -o "guess-$i" >"status-$i" &
		guess[i]=$!
	done
	wait "${guess[@]}"
	cat status-[1-8]
	! grep -q 200 status-[1-8] && grep -q 429 status-[1-8]
}
declare -a guess
holds 'many guesses at once are sent away' guesses
holds 'while who is known goes on' answers 200 '"verification"' api/status
holds 'the log says that, not who tried' eval "grep -q 'event=login result=refused' page.log && ! grep -q -e rapporteur -e somebody page.log"
holds 'by another name' refused 421 '' -u "rapporteur:$password" -H 'Host: attacker.example'
holds 'by a name that only begins alike' refused 421 '' -u "rapporteur:$password" -H 'Host: localhost.attacker.example'
holds 'by the name it was given' refused 200 '' -u "rapporteur:$password" -H 'Host: Audit.example:443'
holds 'by none' refused 421 '' -u "rapporteur:$password" -H 'Host:' --http1.0
holds 'nothing can be sent to it' refused 405 api/status -u "rapporteur:$password" -d x
holds 'which it says' has_header 'Allow: GET, HEAD'
holds 'nor deleted' refused 405 '' -u "rapporteur:$password" -X DELETE
holds 'what is asked without the answer is not sent' eval 'curl -sS -I -u "rapporteur:$password" "${url}api/status" >head && grep -q "^HTTP/1.1 200" head'

# --- headers and files ---

holds 'the page' answers 200 '<!doctype html>' ''
for header in "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" \
	'X-Content-Type-Options: nosniff' 'Referrer-Policy: no-referrer' 'Cross-Origin-Opener-Policy: same-origin' \
	'Cross-Origin-Resource-Policy: same-origin' 'Cache-Control: no-store' 'Content-Type: text/html; charset=utf-8'; do
	holds "${header%%:*}" has_header "$header"
done
holds 'no file that is none' answers 404 'no such page' nothing.js
holds 'which has the headers too' has_header 'X-Content-Type-Options: nosniff'
holds 'no way out' answers 404 'no such page' ../../../../etc/passwd
holds 'nor by escapes' answers 404 'no such page' '%2e%2e/%2e%2e/etc/passwd'
holds 'an escaped end' answers 404 'no such page' 'index.html%00.css'

# --- what it answers ---

holds 'words' answers 200 '"emergency_shelter":"Refugio de emergencia|"languages":\[' 'api/words?lang=es'
holds 'outcomes too' is 'o["labels"]["outcome"]["refuse"] != ""' True
holds 'in the names of languages' is '[l["name"] for l in o["languages"]][0]' English
get api/status >/dev/null
holds 'status: country' is 'o["country"]' TH
holds 'status: origin' is 'o["origin"]' nrm/TH
holds 'status: all is indexed' is 'o["size"] == o["indexed"] and o["size"] > 8' True
holds 'status: a checkpoint' is 'o["checkpoint"]["signer"]' nrm/TH
holds 'status: since when it holds' is 'o["verification"]["holds_since"][:2]' 20
holds 'status: records' is 'o["records"]' open
holds 'attention' answers 200 '"kind":"refusals"' api/attention
holds 'one was refused' is '[i["count"] for i in o["items"]][0]' 1
holds 'one emergency awaits its review' is '[i["count"] for i in o["items"] if i["kind"] == "emergency_unreviewed"][0]' 1
list=$(value 'o["items"][0]["list"]')
holds 'which its list shows' answers 200 '"total":1' "api/leaves?$list"
holds 'and the other' answers 200 '"emergency":"life_threat"' 'api/leaves?attention=emergency_unreviewed'
holds 'nothing waits that long yet' answers 200 '"total":0' 'api/leaves?attention=unanswered'
holds 'leaves' answers 200 '"kind":"genesis"|"kind":"directory"' 'api/leaves?limit=500'
holds 'all of them, the newest first' is '[l["leaf"] for l in o["leaves"]] == list(range(o["total"] - 1, -1, -1))' True
holds 'with names' says '"recipient_name":"=Shelter'
holds 'and records' says '"given_name"'
holds 'no value in them' eval '! grep -q Anoushada body'
holds 'in pages' answers 200 '"before":[0-9]' 'api/leaves?limit=3'
before=$(value 'o["before"]')
holds 'which go on' answers 200 "\"leaf\":$((before - 1)),|\"leaf\":$((before - 1))}" "api/leaves?limit=3&before=$before"
holds 'the last of which is the first' answers 200 '"leaf":0' "api/leaves?limit=3&before=1"
holds 'and ends' is 'o["before"]' None
holds 'by service' answers 200 '"service":"emergency_shelter"' 'api/leaves?service=emergency_shelter&outcome=forward&kind=referral'
holds 'three were forwarded' is 'o["total"]' 3
holds 'by sender' answers 200 '"total":1,|"total":1}' 'api/leaves?sender=TH.police&kind=referral'
holds 'by recipient' answers 200 '"total":1,|"total":1}' 'api/leaves?recipient=TH.police&kind=referral'
holds 'by somebody nobody knows' answers 200 '"total":0' 'api/leaves?participant=TH.nobody'
holds 'by time' answers 200 '"total":0' 'api/leaves?until=2026-01'
holds 'by case' answers 200 '"kind":"referral"' "api/leaves?case=$case_id"
holds 'of which no other is shown' is 'len(o["leaves"]) == o["total"] and 3 < o["total"] < 9' True
holds 'by true reason' answers 200 '"scanned":\{"done":[0-9]+,"of":[0-9]+\}' 'api/leaves?true_reason=NO_CONSENT'
rule=$(get 'api/leaves?attention=emergency_unreviewed' >/dev/null; value 'o["leaves"][0]["record"]["rules"][-1]')
holds 'by rule' answers 200 '"scanned":\{' "api/leaves?rule=$rule&sender=TH.police"
holds 'which is the emergency' is '[l["record"]["emergency"] for l in o["leaves"]]' "['life_threat']"
leaf=$(get 'api/leaves?kind=referral&sender=TH.ngo&outcome=forward' >/dev/null; value 'o["leaves"][0]["leaf"]')
holds 'a leaf' answers 200 '"proof":\{' "api/leaf/$leaf"
acknowledged()
{
	get "api/leaf/$leaf" >/dev/null && is 'o["record"]["ack"]' ok
}
holds 'that was acknowledged' until_true acknowledged
holds 'with its keys' is 'o["proof"]["keys"][0]["name"]' nrm/TH
holds 'whose proof leads to the root' python3 - <<'END'
import base64, hashlib, json
o = json.load(open("body"))
leaf, proof = base64.b64decode(o["bytes"]), o["proof"]
digest, index, last = hashlib.sha256(b"\0" + leaf).digest(), o["leaf"], proof["size"] - 1
for step in map(base64.b64decode, proof["path"]):
    if index & 1 or index == last:
        digest = hashlib.sha256(b"\1" + step + digest).digest()
        while index and not index & 1:
            index, last = index >> 1, last >> 1
    else:
        digest = hashlib.sha256(b"\1" + digest + step).digest()
    index, last = index >> 1, last >> 1
assert proof["checkpoint"].split("\n")[2] == base64.b64encode(digest).decode()
END
holds 'its proof as a file' answers 200 '^c2sp.org/tlog-proof@v1' "api/leaf/$leaf/proof"
holds 'to be saved' has_header 'Content-Disposition: attachment; filename="leaf.tlog-proof"'
cp body leaf.tlog-proof
holds 'which the command believes' ends 0 'nrm/TH' "$programs/nrm" audit check leaf.tlog-proof \
	--directory directory.signed --authority keys/authority/authority.pub
holds 'no leaf' answers 404 'no such leaf' api/leaf/1000000
holds 'a case' answers 200 '"messages":\[' "api/case/$case_id"
holds 'with what was passed on' is '"given_name" in o["recipients"][0]["received"] + o["recipients"][0]["passed_on"]' True
holds 'no case' answers 404 'no such case' api/case/00112233445566778899aabbccddeeff
holds 'participants' answers 200 '"role":"shelter"' 'api/participants?q=LOTUS'
holds 'of whom there is one' is 'len(o["participants"])' 1
holds 'flows' answers 200 '"count":2' api/flows
holds 'as a file' answers 200 "^TH.ngo,Case managers,TH.shelter,\"'=Shelter, \"\"Lotus\"\"\",2$" 'api/flows?csv'
holds 'of its type' has_header 'Content-Type: text/csv; charset=utf-8'
holds 'to be saved too' has_header 'Content-Disposition: attachment; filename="flows.csv"'
holds 'volumes' answers 200 '"refuse":1' api/volumes
holds 'volumes as a file' answers 200 '^day,forward,hold,refuse,other$' 'api/volumes?csv'
holds 'response times' answers 200 '"rows":\[' api/response_times
holds 'as a file too' answers 200 '^month,service,count,median$' 'api/response_times?from=2026-01&csv'
holds 'what was withheld' answers 200 '"cells":\[' api/withheld
holds 'as well' answers 200 '^role,reason,count$' 'api/withheld?csv'
for by in month agency service role; do
	holds "indicators by $by" answers 200 "\"by\":\"$by\"" "api/indicators?by=$by"
done
holds 'as a file as well' answers 200 '^indicator,' 'api/indicators?csv'
holds 'none of the future' answers 400 'the period' 'api/indicators?from=2099-01'
holds 'of no day' answers 200 '"days":\[\]' 'api/volumes?until=2026-01-31'

# --- what it does not ---

holds 'a path that is none' answers 404 '"what":"there is no such page"' api/everything
holds 'a leaf that is no number' answers 400 'names no leaf' api/leaf/7x
holds 'nor one this large' answers 400 'names no leaf' api/leaf/99999999999999999999
holds 'a case that is no id' answers 400 'names no case' api/case/blue-door
holds 'a parameter that it does not have' answers 400 '"found":"colour"' 'api/leaves?colour=red'
holds 'one of another path' answers 400 '"found":"service"' 'api/flows?service=follow_up'
holds 'one twice' answers 400 'parameter limit: it is given twice' 'api/leaves?limit=3&limit=4'
holds 'a code that is none' answers 400 'parameter service.*a code of the vocabulary.*"found":"soup"' 'api/leaves?service=soup'
holds 'a limit over the limit' answers 400 'parameter limit' 'api/leaves?limit=501'
holds 'a time that is none' answers 400 'parameter from' 'api/leaves?from=2026-02-30'
holds 'an end before the beginning' answers 400 'parameter until' 'api/leaves?from=2026-03&until=2026-02'
holds 'a zero byte' answers 400 'parameter service' 'api/leaves?service=follow_up%00'
holds 'bytes that are no text' answers 400 'parameter q' 'api/participants?q=%ff'
holds 'escapes that are none' answers 400 'parameter service' 'api/leaves?service=%zz'
long=$(printf 'a%.0s' $(seq 9000))
holds 'an address longer than 8 KiB' answers 414 '8 KiB' "api/participants?q=$long"
holds 'or longer than a request' refused 414 "$(printf 'a%.0s' $(seq 60000))" -u "rapporteur:$password"
holds 'and it lives' answers 200 '"verification"' api/status

# --- without case keys ---

stop page
serve --without-keys
holds 'without case keys it reads' until_true answers 200 '"total"' api/leaves
holds 'leaves have no records but those of no case' eval '! grep -q given_name body'
holds 'a list of records is not there' answers 503 'the case keys' 'api/leaves?rule=14'
holds 'nor a case' answers 503 'records, which are closed' "api/case/$case_id"
holds 'what waits is not known' answers 200 '"kind":"unanswered","count":null' api/attention
get api/status >/dev/null
holds 'which it says' is 'o["records"]' closed

# --- forgotten beside it ---

stop page
serve --state state
holds 'begun again' until_true indexed
since=$(sed -n 's/.*"holds_since": "\(.*\)".*/\1/p' state)
holds 'it holds since before' eval 'until_true verification verifies && is "o[\"verification\"][\"holds_since\"]" "$since"'
as ngo case forget blue-door --json >/dev/null
forgotten()
{
	[ "$(get "api/case/$case_id")" = 404 ]
}
holds 'a case that is forgotten is gone' until_true forgotten
unlinked()
{
	get "api/leaf/$leaf" >/dev/null
	[ "$(get "api/leaves?case=$case_id")" = 200 ] && is 'o["total"]' 0
}
holds 'from lists too' until_true unlinked
holds 'the other is not' answers 200 '"messages"' "api/case/$other_id"

# --- a store that is cut short under it ---

for agency in $agencies broker; do
	stop "$agency"
done
stop page
cp -r data good
cp state good-state
serve --state state
until_true indexed
truncate -s 16384 data/store/data.mdb
cut()
{
	answers 503 'cut short|cannot be' "api/leaf/$leaf" && says '"error"'
}
holds 'a store that is cut short' until_true cut
holds 'is said' answers 503 '"verification":\{' api/status
holds 'and the page lives' answers 200 '<!doctype html>' ''
cp good/store/data.mdb data/store/data.mdb
holds 'put back, it is read again' until_true indexed
stop page

# --- a trail that was tampered with ---

# One byte within a participant's id of the first referral: what everybody sees, without a record to look at.
python3 - <<'END'
path = "data/store/data.mdb"
data = bytearray(open(path, "rb").read())
at = 0
while (at := data.find(b"TH.police", at + 1)) > 0:
    data[at + 3:at + 9] = b"polica"
open(path, "wb").write(data)
END
rm -f data/store/lock.mdb
serve
found()
{
	get api/status >/dev/null && is 'o["verification"]["state"] in ("does_not_verify", "could_not_check")' True
}
holds 'a trail that was tampered with does not verify' until_true found
holds 'which says where' is 'o["verification"]["fault"]["what"] != "" and o["verification"]["holds_since"] is None' True
stop page

# --- an older copy in its place ---

rm -rf data
cp -r good data
sed 's/nrm\/TH\\n[0-9]*/nrm\/TH\\n1000000/' good-state >state
serve --state state
holds 'a trail that does not follow from the one remembered' until_true found
holds 'holds no more' is 'o["verification"]["holds_since"]' None
stop page
echo garbage >state
serve --state state
holds 'a state file that is none is begun anew' until_true verification verifies

# --- stopping ---

children()
{
	pgrep -P "${pid[page]}" | tr '\n' ' '
}
reader=$(children)
kill -TERM "${pid[page]}"
wait "${pid[page]}"
ended=$?
unset "pid[page]"
holds 'it ends when it is told to' [ "$ended" -eq 0 ]
gone()
{
	local one
	for one in $reader; do
		! kill -0 "$one" 2>/dev/null || return 1
	done
}
holds 'and its children with it' until_true gone
holds 'no name or id in its log' eval '! grep -q -e Anoushada -e "$case_id" -e "$other_id" page.log'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
