"""Tests of detection. Keys and secrets in here are invalid and put together at run time."""
