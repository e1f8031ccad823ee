#!/bin/sh
# Prints the version in the sources, such as 1.2.3.
set -eu
cd "$(dirname "$0")/.."
sed -n 's/.*static let version = "\(.*\)"$/\1/p' Sources/Kit/ExporterWeb/BuildInformation.swift
