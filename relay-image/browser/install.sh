#!/bin/sh
# Installs Chromium's headless shell, or with `chromium` as the argument the whole browser, in a Debian build stage as
# root.
#
# chromium-common is unpacked without being installed: it depends on x11-utils, which brings in Mesa and LLVM (about
# 200 MB) that nothing here links. GTK is opened only where there are windows. The browser comes from bookworm-security;
# the suite is in Debian's base image.
set -eu
browser=${1:-chromium-headless-shell}
apt-get update
apt-get install -y --no-install-recommends ca-certificates libnss3

work=$(mktemp -d)
cd "$work"
apt-get download -o APT::Sandbox::User=root "$browser" chromium-common
libraries=$(dpkg-deb --field "$browser"_*.deb Depends |
  tr ',' '\n' | sed -e 's/ *(.*//' -e 's/ *|.*//' -e 's/^ *//' |
  grep -v -e '^chromium-common$' -e '^libgtk-3-0$')
# shellcheck disable=SC2086 # a list of package names
apt-get install -y --no-install-recommends $libraries
# Registered as unpacked, so that closure.sh finds the package of a file.
dpkg --unpack --force-depends ./*.deb
rm -rf "$work"
