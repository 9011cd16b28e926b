"""Mel, MFCC, gammatone."""
