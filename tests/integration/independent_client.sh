#!/bin/bash
# An independent client, written from proto/PROTOCOL.md in another language, against a real broker on loopback. Needs Debian's
# python3-zmq, python3-protobuf, python3-cryptography, protobuf-compiler. One line a check; the last line is "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 2

. tests/integration/checks
. tests/integration/country

if ! /usr/bin/python3 -c 'import zmq, google.protobuf, cryptography' 2>/dev/null || ! command -v protoc >/dev/null; then
	echo "needs python3-zmq, python3-protobuf, python3-cryptography and protobuf-compiler"
	echo "0 passed, 1 failed"
	exit 1
fi

country "$root/build/independent_client" <<YAML
- {id: TH.police, name: Police, kind: government, roles: [police], services: [police_protection], keys: keys/police}
- {id: TH.shelter, name: Shelter, kind: ngo, roles: [shelter, ngo_case_manager], services: [emergency_shelter], keys: keys/shelter}
- {id: TH.hospital, name: Hospital, kind: government, roles: [health], services: [medical_checkup], keys: keys/hospital}
- {id: TH.coordinator, name: Coordinator, kind: government, roles: [coordinator], keys: keys/coordinator}
- {id: TH.clinic, name: Clinic, kind: private_sector, roles: [health], status: suspended, keys: keys/clinic}
YAML
sed -i 's/^version: 1/version: 3/' participants.yaml
sign_directory
mkdir python
protoc -I"$root" --python_out=python "$root"/proto/{vocabulary,statement,frame,trail,directory}.proto
start_broker

PYTHONPATH=python PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$root/tests/integration/independent_client/main.py" \
	--endpoint "$endpoint" --authority keys/authority/authority.pub --server-key keys/broker/transport.public \
	--keys keys --directory directory.signed --vectors "$root/tests/vectors/protocol.json"
