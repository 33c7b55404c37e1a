#!/bin/bash
# An independent client, written from proto/PROTOCOL.md in another language, against a real broker on loopback. Needs Debian's
# python3-zmq, python3-protobuf, python3-cryptography, protobuf-compiler. One line a check; the last line is "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/../.."

programs=${NRM_BUILD-build/release}
work=build/independent_client
broker=
rm -rf "$work"
mkdir -p "$work/python" "$work/keys"
chmod 700 "$work"

trap 'if [ -n "$broker" ]; then kill "$broker" 2>/dev/null; wait "$broker"; fi || true' EXIT

give_up()
{
	echo "$1"
	echo "0 passed, 1 failed"
	exit 1
}

if ! /usr/bin/python3 -c 'import zmq, google.protobuf, cryptography' 2>/dev/null || ! command -v protoc >/dev/null; then
	give_up "needs python3-zmq, python3-protobuf, python3-cryptography and protobuf-compiler"
fi
protoc -I. --python_out="$work/python" proto/{vocabulary,statement,frame,trail,directory}.proto

"$programs/nrm" key new TH.authority "$work/keys/authority" --authority >/dev/null
"$programs/nrm" key new TH.nrm "$work/keys/broker" --broker >/dev/null
for name in police shelter hospital coordinator clinic; do
	"$programs/nrm" key new "TH.$name" "$work/keys/$name" >/dev/null
done

port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
endpoint=tcp://127.0.0.1:$port
cat >"$work/participants.yaml" <<-YAML
	country: TH
	version: 3
	valid_from: 2026-01-01T00:00:00Z
	valid_until: 2036-01-01T00:00:00Z
	broker: {id: TH.nrm, endpoint: "$endpoint", keys: keys/broker}
	participants:
	- {id: TH.police, name: Police, kind: government, roles: [police], services: [police_protection], keys: keys/police}
	- {id: TH.shelter, name: Shelter, kind: ngo, roles: [shelter, ngo_case_manager], services: [emergency_shelter],
	   keys: keys/shelter}
	- {id: TH.hospital, name: Hospital, kind: government, roles: [health], services: [medical_checkup], keys: keys/hospital}
	- {id: TH.coordinator, name: Coordinator, kind: government, roles: [coordinator], keys: keys/coordinator}
	- {id: TH.clinic, name: Clinic, kind: private_sector, roles: [health], status: suspended, keys: keys/clinic}
YAML
"$programs/nrm" directory sign "$work/participants.yaml" --key "$work/keys/authority" --out "$work/directory.signed" >/dev/null
"$programs/nrm" policy sign config/policy.yaml --key "$work/keys/authority" --out "$work/policy.signed" >/dev/null
cat >"$work/broker.yaml" <<-YAML
	id: TH.nrm
	listen: ["$endpoint"]
	data: data
	keys: keys/broker
	authority: keys/authority/authority.pub
	directory: directory.signed
	policy: policy.signed
	map_gib: 1
	reserve_mib: 1
YAML

"$programs/nrm-brokerd" --config "$work/broker.yaml" >"$work/broker.log" 2>&1 &
broker=$!
until grep -q ready "$work/broker.log"; do
	kill -0 "$broker" 2>/dev/null || { cat "$work/broker.log"; give_up "the broker did not start"; }
	sleep 0.05
done

status=0
PYTHONPATH=$work/python PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/integration/independent_client/main.py \
	--endpoint "$endpoint" --authority "$work/keys/authority/authority.pub" --server-key "$work/keys/broker/transport.public" \
	--keys "$work/keys" --directory "$work/directory.signed" --vectors tests/vectors/protocol.json || status=$?
exit "$status"
