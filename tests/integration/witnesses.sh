#!/bin/bash
# Witnesses: a real broker and three agents that vouch for its trail; then a broker that lies to them with the trail's own key, and the
# way of the alarm to the coordinator, who checks it offline. Needs Debian's python3-zmq, python3-protobuf, python3-cryptography,
# protobuf-compiler. One line a check; the last line is "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 2

. tests/integration/checks
. tests/integration/country

if ! /usr/bin/python3 -c 'import zmq, google.protobuf, cryptography' 2>/dev/null || ! command -v protoc >/dev/null; then
	echo "needs python3-zmq, python3-protobuf, python3-cryptography and protobuf-compiler"
	echo "0 passed, 1 failed"
	exit 1
fi
country "$root/build/witnesses" 'witness_quorum: 3' <<YAML
- {id: TH.coordinator, name: Coordinator, kind: government, roles: [coordinator], keys: keys/coordinator}
- {id: TH.police, name: Police, kind: government, roles: [police], services: [police_protection], keys: keys/police}
- {id: TH.shelter, name: Shelter, kind: ngo, roles: [shelter], services: [emergency_shelter], keys: keys/shelter}
YAML
mkdir python
protoc -I"$root" --python_out=python "$root"/proto/{vocabulary,statement,frame,trail,directory}.proto

# start_liar SIZE ROOT
start_liar()
{
	: >liar.log
	PYTHONPATH=python:$root/tests/integration/independent_client PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 \
		"$root/tests/integration/witnesses/liar.py" "$endpoint" keys/broker "$1" "$2" liar.log 2>liar.errors &
	pid[liar]=$!
	until_true grep -q ready liar.log
}

check_fork()
{
	"$programs/nrm" audit check-fork --directory directory.signed --authority keys/authority/authority.pub "$@"
}

alarmed()
{
	as "$1" status --json | grep -q '"alarm": *{'
}

# --- three agencies vouch ---

start_broker
until_true ends 0 verifies verify --trail data
holds 'as long as nobody vouches, that is the answer' ends 1 'too few witnesses' verify --trail data --witnesses
cp -r data yesterday # while the broker runs, nobody connected: nothing is written
start_agent police
start_agent shelter
until_true connected shelter
until_true ends 0 '^2 witnesses vouch for it' verify --trail data --witnesses --quorum 2
holds 'two are no quorum of three' ends 1 'too few witnesses' verify --trail data --witnesses
start_agent coordinator
holds 'three agencies vouch for the trail' until_true ends 0 '^3 witnesses vouch for it' verify --trail data --witnesses
verify --trail data --witnesses >vouching
for agency in $agencies; do
	holds "$agency is one of them" grep -Eq "^  nrm/TH\\.$agency since 20[0-9-]+T[0-9:]+Z\$" vouching
	holds "and knows that it is" ends 0 '^  vouched ' as "$agency" status
done
holds 'for machines too' ends 0 '"vouchers": ?\[\{"name": ?"nrm/TH.coordinator"' verify --trail data --witnesses --json
holds 'four were asked for' ends 1 'expected 4' verify --trail data --witnesses --quorum 4

as police case state "$root/config/demo/cases/adult.yaml" --wait 20 >/dev/null
holds 'what came since is not vouched for yet, and that is told' \
	until_true ends 0 '^3 witnesses vouch for the first [0-9]+ leaves' verify --trail data --witnesses
until_true ends 0 '"unproved": *0[,}]' as police status --json

"$programs/nrm" audit export export --trail data >/dev/null
holds 'an export says it too' ends 0 '^3 witnesses vouch' verify --export export --witnesses
"$programs/nrm" audit prove 0 --trail data >proof
holds 'and so does a proof' ends 0 'vouched for by nrm/TH.shelter' "$programs/nrm" audit check proof --quorum 3 \
	--directory directory.signed --authority keys/authority/authority.pub
verifier()
{
	local agency
	for agency in $agencies; do
		set -- "$@" --witness "$(/usr/bin/python3 - "keys/$agency/witness.pem" "nrm/TH.$agency" <<-'PYTHON'
			import base64, hashlib, sys
			from cryptography.hazmat.primitives import serialization as s
			key = s.load_pem_private_key(open(sys.argv[1], "rb").read(), None).public_key()
			typed, name = b"\x04" + key.public_bytes(s.Encoding.Raw, s.PublicFormat.Raw), sys.argv[2]
			identity = hashlib.sha256(name.encode() + b"\n" + typed).hexdigest()[:8]
			print(name, identity, base64.b64encode(typed).decode(), sep="+")
		PYTHON
		)"
	done
	PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$root/tests/independent_verifier/verify.py" \
		--authority "$(cat keys/authority/authority.pub)" --export export --quorum 3 "$@"
}
holds 'an independent verifier finds the three' ends 0 'vouched for by 3' verifier
cp export/witnessed whole
sed -i '/nrm\/TH.shelter/d' export/witnessed
holds 'less a cosignature the independent verifier misses one' ends 1 'expected 3 witnesses, found 2' verifier
holds 'less a cosignature it is no quorum' ends 1 'too few witnesses' verify --export export --witnesses
sed 's/\(nrm\/TH.shelter [^ ]\{40\}\)[A-M]/\1Z/; t; s/\(nrm\/TH.shelter [^ ]\{40\}\)./\1A/' whole >export/witnessed
holds 'a changed one is told by the independent verifier' ends 1 'does not verify' verifier
holds 'a changed one is told' ends 1 'witnessed: a cosignature of the checkpoint does not verify' verify --export export --witnesses
sed '2s/.*/1/' whole >export/witnessed
holds 'a changed size is' ends 1 'witnessed: the checkpoint is not signed' verify --export export --witnesses
cp whole export/witnessed

holds 'an agent that saw no alarm has none to hand over' ends 2 'never saw the trail contradict itself' as police alarm export

# --- a broker on an older copy ---

# Each has a head that is newer than yesterday's: the police by their proofs, the others once they are asked again, within the minute.
yesterdays=$(verify --trail yesterday | sed -n 's/^checkpoint of \([0-9]*\) leaves.*/\1/p')
knows_more()
{
	[ "$(as "$1" status --json | sed -n 's/.*"checkpoint_size": *\([0-9]*\).*/\1/p')" -gt "$yesterdays" ]
}
patience=80
for agency in $agencies; do
	holds "the $agency knows a newer head" until_true knows_more "$agency"
done
patience=30
stop broker
for agency in $agencies; do
	stop "$agency"
done
mv data today
ended()
{
	! kill -0 "${pid[broker]}" 2>/dev/null
}
for agency in $agencies; do
	rm -rf data
	cp -r yesterday data
	start_broker
	start_agent "$agency"
	holds "a broker that was set back is shown its own head by $agency alone, and stops" until_true ended
	holds 'and says that it is on an older copy' grep -q 'older than a signed head of this trail' broker.log
	stop broker
	stop "$agency"
done
rm -rf data
cp -r today data

# --- a broker that lies ---

size=$(sed -n 2p export/checkpoint)
root_of_nothing=$(printf '00%.0s' $(seq 32))
start_liar "$size" "$root_of_nothing"
start_agent police
holds 'another head of the same size is an alarm' until_true alarmed police
holds 'its operator sees it' ends 1 '^  ALARM +the trail contradicts itself' as police status
holds 'in the log too' grep -q 'event=trail_contradicts_itself' police.log
holds 'the coordinator is told by the liar itself, if it carries' \
	until_true grep -q '^submit MESSAGE_TYPE_COMPLAINT TH.coordinator TH.nrm$' liar.log
holds 'the alarm is a file' ends 0 '^$' as police alarm export --out alarm
holds 'that shows the fork, offline' ends 0 '^FORK' check_fork alarm
holds 'beside the trail it shows whose head is whose' ends 0 'ANOTHER root there' check_fork alarm --trail data
holds 'and beside an export' ends 0 'ANOTHER root there' check_fork alarm --export export
holds 'it names no person and no case' ends 1 '^$' grep -Eiv \
	'^(nrm/v1/alarm|(reporter|time|found|kept|shown|signature) )' alarm
sed 's/^time .*/time 1/' alarm >changed
holds 'a changed one does not verify' ends 1 'not signed by the agency' check_fork changed
sed 's/TH.police/TH.shelter/' alarm >changed
holds 'nor one in the name of another' ends 1 'not signed by the agency' check_fork changed
head -3 alarm >changed
holds 'nor half of one' ends 2 'the file is no alarm' check_fork changed
holds 'nor no file' ends 2 'could not' check_fork nothing
stop liar

start_liar 1 "$root_of_nothing"
start_agent shelter
holds 'a shorter trail is an alarm' until_true alarmed shelter
as shelter alarm export >shorter
holds 'and a file' grep -q '^found shortened$' shorter
holds 'that shows no fork by itself' ends 1 'compare them with the trail' check_fork shorter
holds 'but beside the trail, for the short head is not its own' ends 0 'ANOTHER root there' check_fork shorter --trail data
stop liar
start_agent coordinator
start_broker
until_true connected coordinator
holds 'who is alarmed does not come back by itself' ends 1 '^  broker +not reached' as police status

# --- cleared up ---

stop police
start_agent police --trust-again
holds 'cleared up by people, it does' until_true connected police
holds 'and the coordinator has its complaint about the broker' \
	until_true ends 0 'complaint .*TH.police' as coordinator inbox
holds 'the file stays' ends 0 '^found forked|nrm/v1/alarm' as police alarm export

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
