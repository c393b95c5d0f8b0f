"""Masking: findings leave the house as typed placeholders, and come home as what they stand for."""
