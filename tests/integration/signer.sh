#!/bin/bash
# The signer as a process of its own: a real broker and two agents with it, without it, and while it is killed; a broker whose
# data folder is yesterday's copy; a trail that is not the signer's; strangers and nonsense at its socket. One line a check;
# the last line is "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 2

. tests/integration/checks
. tests/integration/country

country "$root/build/signer" <<YAML
- {id: TH.police-bangkok, name: Police, kind: government, roles: [police], services: [police_protection], keys: keys/police}
- {id: TH.shelter-lotus, name: Shelter, kind: ngo, roles: [shelter], services: [emergency_shelter], keys: keys/shelter}
YAML
cp broker.yaml own.yaml
sed -i '/^keys:/a signer: unix:signer.sock' broker.yaml
cat >signer.yaml <<-YAML
	origin: nrm/TH
	key: signer/trail.pem
	state: signer/last
	socket: signer.sock
YAML
mkdir signer
cp -p keys/broker/trail.pem signer/

fails()
{
	! "$@"
}

# A referral that the broker accepts; WAIT seconds for its receipt.
refer()
{
	as police refer "$root/config/demo/referrals/1-police-to-shelter.yaml" --wait "${1-20}" --json
}

accepted()
{
	refer | grep -Eq '"state": *"(forwarded|delivered)"'
}

# Every leaf that the police were told of is proved to them.
all_proved()
{
	as police status --json | grep -Eq '"unproved": *0[,}]'
}

# logged FILE PATTERN [TIMES]: how often a line is in a log; at least once where it is not said.
logged()
{
	local found
	found=$(grep -Ec -- "$2" "$1")
	echo "$found times"
	[ "${3-$found}" -eq "$found" ] && [ "$found" -gt 0 ]
}

start_signer()
{
	: >signer.log
	"$programs/nrm-signerd" --config "${1-signer.yaml}" 2>>signer.log &
	pid[signer]=$!
	until_true logged signer.log 'event=ready'
}

both_connected()
{
	connected police && connected shelter
}

# signed SIZE-PATTERN: the size of the head in the signer's state.
signed()
{
	sed -n 2p signer/last | grep -Eq "^$1\$"
}

# --- key and state ---

signerd()
{
	timeout 60 "$programs/nrm-signerd" --config "${config-signer.yaml}" "$@"
}

brokerd()
{
	timeout 60 "$programs/nrm-brokerd" --config "${config-broker.yaml}" "$@"
}

holds 'a signer without a state does not start' ends 2 'signer/last: .*--new' signerd
holds 'and has made none' test ! -e signer/last -a ! -e signer.sock
holds 'it makes one when it is told to' ends 0 '^made .*signer/last' signerd --new
holds 'and no second one' ends 2 'signer/last: there is a state already' signerd --new
holds 'now all is good' ends 0 '^good$' signerd --check
for file in signer/last signer/trail.pem; do
	chmod 0640 "$file"
	holds "it does not start when others may read $file" ends 2 "$file: .*(only its owner|too loose)" signerd
	chmod 0600 "$file"
done
chmod 0770 signer
holds 'nor when others may write the folder' ends 2 'signer: .*only its owner' signerd
chmod 0700 signer
cp -p signer/last kept
printf 'x' >>signer/last
holds 'nor with a damaged state' ends 2 'signer/last: .*damaged' signerd
mv kept signer/last
cp -p keys/police/signing.pem other.pem
sed 's|signer/trail.pem|other.pem|' signer.yaml >other.yaml
config=other.yaml holds 'nor with the state of another key' ends 2 'signer/last: .*of another key' signerd
sed 's|nrm/TH|nrm/KH|' signer.yaml >other.yaml
config=other.yaml holds 'nor with that of another trail' ends 2 'signer/last: .*or of another key or origin' signerd
sed 's|^user.*||; $a user: nobody-of-this-name' signer.yaml >other.yaml
config=other.yaml holds 'nor for a user that there is not' ends 2 'other\.yaml:5:[0-9]+: user: expected' signerd
sed 's|^socket.*|socket: broker.yaml|' signer.yaml >other.yaml
config=other.yaml holds 'nor in place of a file that is no socket' ends 2 'broker\.yaml: exists already' signerd
holds 'which is left alone' grep -q '^id: TH.nrm' broker.yaml

# --- the broker without its signer ---

holds 'a broker that has the key although a signer does is warned' ends 0 'event=trail_key_here' brokerd --check
rm keys/broker/trail.pem
config=own.yaml holds 'a broker without key and signer does not start' ends 2 'keys/broker/trail\.pem: not found' brokerd
start_broker
for agency in police shelter; do
	start_agent "$agency"
done
holds 'with a signer that is away it does, and says so' logged broker.log 'level=warning .*event=signer_away' 1
until_true both_connected
as police consent grant "$root/config/demo/consents/1-shelter.yaml" --wait 20 >/dev/null
as police case state "$root/config/demo/cases/adult.yaml" --wait 20 >/dev/null
holds 'it takes and delivers' accepted
holds 'without proofs' fails all_proved
start_signer
holds 'the signer comes, and the broker says so' until_true logged broker.log 'event=signer size=0' 1
holds 'proofs follow' until_true all_proved
holds 'under a head that the signer remembers' signed '[1-9][0-9]*'
holds 'the trail verifies' verify --trail data

# --- the process ---

holds 'its socket is its own' test "$(stat -c %a signer.sock)" = 600
holds 'its state too' test "$(stat -c %a signer/last)" = 600
holds 'it can gain no rights' grep -q '^NoNewPrivs:[[:space:]]*1$' "/proc/${pid[signer]}/status"
holds 'it leaves no core' grep -Eq '^Max core file size +0 +0 ' "/proc/${pid[signer]}/limits"
no_network()
{
	local inode
	for inode in $(find "/proc/${pid[signer]}/fd" -lname 'socket:*' -printf '%l\n' | tr -dc '0-9\n'); do
		grep -q " $inode " /proc/net/unix || return 1
	done
}
holds 'it has no socket of a network' no_network
holds 'a second one does not work with the same state' ends 2 'another process' signerd
holds 'nor makes one beside it' ends 2 'another process' signerd --new

# --- what the socket takes ---

cat >ask.py <<'PYTHON'
import socket, struct, sys
def ask(*messages):
	line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
	line.connect("signer.sock")
	for message in messages:
		line.send(message)
		reply = line.recv(2048)
		print("refused %d" % reply[2] if reply[1] == 2 else "note of %s" % reply[2:].split(b"\n")[1].decode())
def sign(size, root, start, path=b"", origin=b"nrm/TH"):
	return bytes([1, 2, len(origin)]) + origin + struct.pack(">Q32sQB", size, root, start, len(path) // 32) + path
last = int(open("signer/last").read().split("\n")[1])
foreign = bytes(32)
eval("ask(%s)" % sys.argv[1])
PYTHON
ask()
{
	timeout 60 /usr/bin/python3 ask.py "$1" | tr '\n' ' '
}
holds 'it tells its last head' ends 0 '^note of [1-9]' ask 'bytes([1, 1])'
holds 'it refuses a foreign tree of the same size' ends 0 'refused 4' ask 'sign(last, foreign, last)'
holds 'a larger one' ends 0 'refused 5' ask 'sign(last + 1, foreign, last, foreign)'
holds 'one from the beginning' ends 0 'refused 5' ask 'sign(last + 1, foreign, 0)'
holds 'a smaller one' ends 0 'refused 3' ask 'sign(last - 1, foreign, last)'
holds 'another trail' ends 0 'refused 2' ask 'sign(last + 1, foreign, last, b"", b"nrm/KH")'
holds 'another version, a truncated and an oversized message' ends 0 'refused 1 refused 1 refused 1' \
	ask 'bytes([2, 1]), sign(last, foreign, last)[:-1], bytes([1, 1]) + bytes(9000)'
holds 'and tells of each in its log' logged signer.log 'event=refused reason=' 8
holds 'it goes on signing' accepted
holds 'as if nothing had been' until_true all_proved
stop signer
sed '$a user: "4711"' signer.yaml >other.yaml
: >broker.log
start_signer other.yaml
holds 'a signer for another user hangs up on us' until_true logged signer.log "event=stranger uid=$(id -u)"
holds 'its socket is for its group' test "$(stat -c %a signer.sock)" = 660
holds 'for the broker it is away' until_true logged broker.log 'event=signer_away' 1
stop signer

# --- killed under load ---

start_signer
until_true logged broker.log 'event=signer size='
: >broker.log
kept=$(sed -n 2p signer/last)
while [ ! -e enough ]; do
	refer 0 >/dev/null
done &
pid[load]=$!
for _ in $(seq 5); do
	until_true fails signed "$kept"
	kept=$(sed -n 2p signer/last)
	stop signer -KILL
	start_signer
done
stop signer -KILL
touch enough
wait "${pid[load]}"
unset 'pid[load]'
holds 'killed under load, it was missed' logged broker.log 'event=signer_away'
holds 'while it is dead the broker takes and delivers' accepted
holds 'and waits for no proof' fails all_proved
start_signer
holds 'back again it starts from what it signed last' logged signer.log "event=ready .*last=[1-9]"
holds 'and all that was sent is proved' until_true all_proved
holds 'nothing was refused' fails logged broker.log 'event=signer_refused'
holds 'the trail verifies after that' verify --trail data

# --- yesterday's copy ---

stop broker
cp -r data yesterday
start_broker
until_true both_connected
holds 'a day goes by' accepted
holds 'with proofs' until_true all_proved
stop broker
mv data today
cp -r yesterday data
holds 'the signer shows a broker on a copy of yesterday its head: it does not start' \
	ends 2 'data: its trail is older than the head that the signer signed last' brokerd
stop signer
# The broker starts for want of the signer, and hears of it from whoever comes first.
stopped()
{
	! kill -0 "${pid[broker]}" 2>/dev/null
}
stop police
stop shelter
rm -rf data
cp -r yesterday data
start_broker
start_signer
holds 'if the signer comes later, the broker stops then' until_true stopped
holds 'and says why' logged broker.log 'nrm-brokerd: .*older than a signed head of this trail that an agent or the signer has'
stop signer
rm -rf data
cp -r yesterday data
start_broker
start_agent police
holds 'without the signer it is stopped by an agent' until_true stopped
holds 'and says so too' logged broker.log 'nrm-brokerd: .*older than a signed head of this trail that an agent or the signer has'
rm -rf data
start_signer
holds 'a broker that begins anew is not the one of this key' ends 2 'the head that the signer signed last' brokerd
stop signer
rm -rf data
mv today data
start_signer
start_broker
start_agent shelter
until_true both_connected
holds 'with the newest copy back all goes on' accepted
holds 'proofs included' until_true all_proved
holds 'and the trail verifies' verify --trail data

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
