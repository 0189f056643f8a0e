"""Findings: frames and plain values in, a finding out. One word a file, one package a stage."""
