# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced: names cross between the files of this folder
# The key that packs are signed with. Sourced by what makes installers.

# find_key: sets $key to the private key whose public half this build will trust.
find_key() {
  key=${PACK_KEY:-.cache/development.key}
  [ -z "${RELEASE:-}" ] || [ -n "${PACK_KEY:-}" ] || fail "a release needs PACK_KEY, the product's private key"
  [ -f "$key" ] || "$venv/bin/python" -m models.build_pack key "$key" >/dev/null || fail "no key could be made"
  [ -n "${PACK_KEY:-}" ] || say "  packs: development key, not for release"
}
