"""Scripts: the steps that Redis carries out as one. All their keys are in one slot, `prefix:{quota}:…`.

A Lua number is a double. Amounts of money are four of them, each exact: millionths of a dollar and millionths of
these, of what is spent and of what is held. They are carried by hand and kept as text, `spent held` as `h l h l`; an
`f` behind them says that the ledger said so, and not the life itself.

| key | what it holds |
|---|---|
| `store` | `run`: which start of the server wrote this, `born`: when that began |
| `lives` | of each life when it was last heard, and the number of what it said then |
| `window:METER` | by slot of time what was taken in it; slots as in `window.py`, by the server's own clock |
| `places:METER` | by life how many concurrent requests it has |
| `slice:NAME` | `=LIFE`: what the life has in it; `total`; `seeded`: the `run` in which it became whole |
"""

from __future__ import annotations

import hashlib
from typing import Final

from gateway.quota.window import SLOT_SECONDS, SLOTS

LIVE_SECONDS: Final = 15  # since it was last heard; then a life counts as dead
GRACE_SECONDS: Final = 2.5  # in which all that live tell a server that started anew what they have
SETTLED_SECONDS: Final = 120  # dead so long, and its journal finished: the ledger has the last word
FORGET_SECONDS: Final = 600  # dead so long: nobody looks for it any more

_COMMON: Final = f"""
local LIVE, GRACE, SETTLED, FORGET = {LIVE_SECONDS}, {GRACE_SECONDS}, {SETTLED_SECONDS}, {FORGET_SECONDS}
local SLOT, SLOTS, LIMB = {SLOT_SECONDS}, {SLOTS}, 1000000
local STORE, LIVES = KEYS[1], KEYS[2]
local message = cmsgpack.unpack(ARGV[1])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000

local function carried(high, low)
  local carry = math.floor(low / LIMB)
  return high + carry, low - carry * LIMB
end

local function read(text)
  if not text then return {{0, 0, 0, 0}} end
  local a, b, c, d, filled = string.match(text, '^(%S+) (%S+) (%S+) (%S+)(.*)$')
  return {{tonumber(a), tonumber(b), tonumber(c), tonumber(d), filled = filled ~= ''}}
end

local function written(sum)
  return string.format('%.0f %.0f %.0f %.0f', sum[1], sum[2], sum[3], sum[4])
end

local function replace(total, old, new)
  total[1], total[2] = carried(total[1] + new[1] - old[1], total[2] + new[2] - old[2])
  total[3], total[4] = carried(total[3] + new[3] - old[3], total[4] + new[4] - old[4])
end

-- Which start of which server this is: after another one, nothing that was seeded is known to be whole.
local function born_of(run)
  local kept = redis.call('HMGET', STORE, 'run', 'born')
  if kept[1] == run then return tonumber(kept[2]) end
  redis.call('HSET', STORE, 'run', run, 'born', string.format('%.3f', now))
  return now
end
local run, young
local function look_up_run()
  local told, info = pcall(redis.call, 'INFO', 'server')
  run = told and type(info) == 'string' and string.match(info, 'run_id:(%x+)') or 'unknown'
  young = now - born_of(run) < GRACE
end
"""

_HOLD: Final = """
local life, number, acknowledged, beat = message[1], message[2], message[3], message[4]
local slot = math.floor(now / SLOT)

-- What is told twice, or late, changes nothing; what was lost of a life is told again.
local heard = redis.call('HGET', LIVES, life)
local last = heard and tonumber(string.match(heard, ' (%d+)$')) or 0
if last >= number then return cmsgpack.pack({1, last, 0, {-1, -1}, -1, {}, {}, {}}) end
redis.call('HSET', LIVES, life, string.format('%.3f %.0f', now, number))
if last < acknowledged then return cmsgpack.pack({2, last, 0, {-1, -1}, -1, {}, {}, {}}) end

local living, alive, dead, settled
local function look_around()
  living, alive, dead, settled = {}, 0, 0, 0
  local all = redis.call('HGETALL', LIVES)
  for i = 1, #all, 2 do
    local silent = now - tonumber(string.match(all[i + 1], '^%S+'))
    if silent <= LIVE then
      living[all[i]], alive = true, alive + 1
    elseif silent > FORGET then
      redis.call('HDEL', LIVES, all[i])
    else
      dead = dead + 1
      if silent > SETTLED then settled = settled + 1 end
    end
  end
end

local slices, unseeded = {}, {}
local function slice(key)
  local found = slices[key]
  if found then return found end
  if not run then look_up_run() end
  local kept = redis.call('HMGET', KEYS[key], 'seeded', 'total', '=' .. life)
  found = {seeded = kept[1] == run, total = read(kept[2]), own = read(kept[3])}
  if not found.seeded then unseeded[#unseeded + 1] = key end
  slices[key] = found
  return found
end

local windows = {}
local function window(key)
  local found = windows[key]
  if found then return found end
  found = {slots = {}, total = 0, over = {}, changed = {}}
  local all = redis.call('HGETALL', KEYS[key])
  for i = 1, #all, 2 do
    local at, amount = tonumber(all[i]), tonumber(all[i + 1])
    if at >= slot - SLOTS then
      found.slots[at], found.total = amount, found.total + amount
    else
      found.over[#found.over + 1] = all[i]
    end
  end
  windows[key] = found
  return found
end

local function charge(found, at, amount)
  found.slots[at] = math.max(0, (found.slots[at] or 0) + amount)
  found.total, found.changed[at], found.ends = math.max(0, found.total + amount), true, nil
end

local function over_in(at)
  return math.floor(((at + SLOTS + 1) * SLOT - now) * 1000)
end

local function ends(found)
  if not found.ends then
    local first, latest
    for at, amount in pairs(found.slots) do
      if amount > 0 then
        first, latest = math.min(first or at, at), math.max(latest or at, at)
      end
    end
    found.ends = {first and over_in(first) or 0, latest and over_in(latest) or 0}
  end
  return found.ends
end

local function room_in(found, lacking)
  local order = {}
  for at in pairs(found.slots) do order[#order + 1] = at end
  table.sort(order)
  for _, at in ipairs(order) do
    lacking = lacking - found.slots[at]
    if lacking <= 0 then return over_in(at) end
  end
  return -1
end

local places = {}
local function place(key)
  local found = places[key]
  if found then return found end
  if not living then look_around() end
  found = {own = 0, others = 0, gone = {}}
  local all = redis.call('HGETALL', KEYS[key])
  for i = 1, #all, 2 do
    if all[i] == life then
      found.own = tonumber(all[i + 1])
    elseif living[all[i]] then
      found.others = found.others + tonumber(all[i + 1])
    else
      found.gone[#found.gone + 1] = all[i]
    end
  end
  places[key] = found
  return found
end

-- 1. What the life has by itself.
local priors = {}
for _, own in ipairs(message[5]) do
  local found = slice(own[1])
  found.until_ = own[2]
  if own[3] == 1 then
    local new = {own[4], own[5], own[6], own[7]}
    replace(found.total, found.own, new)
    found.own, found.changed = new, true
  else
    priors[#priors + 1] = {own[1], found.own[1], found.own[2]}
  end
end
for _, correction in ipairs(message[6]) do
  local found = window(correction[1])
  if found.slots[correction[2]] then charge(found, correction[2], correction[3]) end
end
for _, count in ipairs(message[7]) do place(count[1]).own = count[2] end

-- 2. What is asked: all of an ask, or nothing.
local function spent(keys)
  local sum, known = {0, 0, 0, 0}, 1
  for _, key in ipairs(keys) do
    local found = slice(key)
    replace(sum, {0, 0, 0, 0}, found.total)
    if not found.seeded then known = 0 end
  end
  return sum, known
end

local function lack(ask)
  for i, take in ipairs(ask[1]) do
    local key, concurrent, limit, amount = take[1], take[2], take[3], take[4]
    if concurrent == 1 then
      local found = place(key)
      if found.own + found.others + amount > limit then return i, amount > limit and -1 or 1000 end
    else
      local found = window(key)
      local lacking = found.total + amount - limit
      if lacking > 0 and amount > 0 then return i, amount > limit and -1 or room_in(found, lacking) end
    end
  end
  for i, spend in ipairs(ask[2]) do
    if spend[2] == 1 and spend[5] + spend[6] > 0 then
      local sum, known = spent(spend[1])
      local high, low = carried(sum[1] + sum[3] + spend[5], sum[2] + sum[4] + spend[6])
      if known == 1 and (high > spend[3] or (high == spend[3] and low > spend[4])) then return #ask[1] + i, 0 end
    end
  end
  return 0, 0
end

local function grant(ask)
  for _, take in ipairs(ask[1]) do
    if take[2] == 1 then
      place(take[1]).own = place(take[1]).own + take[4]
    else
      charge(window(take[1]), slot, take[4])
    end
  end
  for _, addition in ipairs(ask[3]) do
    local found = slice(addition[1])
    local own = found.own
    local high, low = carried(own[3] + addition[2], own[4] + addition[3])
    local new = {own[1], own[2], high, low}
    replace(found.total, own, new)
    found.own, found.changed = new, true
  end
end

local function standings(ask, which)
  local rooms, balances, sums = {}, {}, {}
  for i, take in ipairs(ask[1]) do
    if take[2] == 1 then
      local found = place(take[1])
      rooms[i] = {math.max(0, take[3] - found.own - found.others), 0, 0}
    else
      local found = window(take[1])
      rooms[i] = {math.max(0, take[3] - found.total), ends(found)[1], ends(found)[2]}
    end
  end
  for i, spend in ipairs(ask[2]) do
    local sum, known = spent(spend[1])
    balances[i] = {known, sum[1], sum[2], sum[3], sum[4]}
    if which == #ask[1] + i then
      for j, key in ipairs(spend[1]) do
        local total = slice(key).total
        sums[j] = {total[1] + total[3], total[2] + total[4]}
      end
    end
  end
  return rooms, balances, sums
end

local results = {}
for i, ask in ipairs(message[8]) do
  local which, wait = lack(ask)
  if which == 0 then grant(ask) end
  local rooms, balances, sums = standings(ask, which)
  results[i] = {which, wait, rooms, balances, sums}
end

-- 3. What has changed is written down.
for key, found in pairs(slices) do
  if found.changed then
    redis.call('HSET', KEYS[key], '=' .. life, written(found.own), 'total', written(found.total))
    redis.call('EXPIREAT', KEYS[key], found.until_)
  end
end
for key, found in pairs(windows) do
  if #found.over > 0 then redis.call('HDEL', KEYS[key], unpack(found.over)) end
  for at in pairs(found.changed) do
    redis.call('HSET', KEYS[key], string.format('%.0f', at), string.format('%.0f', found.slots[at]))
  end
  redis.call('EXPIRE', KEYS[key], (SLOTS + 2) * SLOT)
end
for key, found in pairs(places) do
  if #found.gone > 0 then redis.call('HDEL', KEYS[key], unpack(found.gone)) end
  if found.own > 0 then
    redis.call('HSET', KEYS[key], life, string.format('%.0f', found.own))
    redis.call('EXPIRE', KEYS[key], 4 * LIVE)
  else
    redis.call('HDEL', KEYS[key], life)
  end
end
if beat == 1 then
  if not run then look_up_run() end
  if not living then look_around() end
end
local youth = run and (young and 1 or 0) or -1
return cmsgpack.pack({0, slot, alive or 0, {dead or -1, settled or -1}, youth, priors, unseeded, results})
"""

_FILL: Final = """
look_up_run()
if young then return '' end
local key, until_, counts, unfinished = KEYS[3], message[1], message[2], message[3]
local open, said = {}, {}
for _, life in ipairs(unfinished) do open[life] = true end

local function silent(life)
  local heard = redis.call('HGET', LIVES, life)
  return heard and now - tonumber(string.match(heard, '^%S+')) or math.huge
end

local total = read(redis.call('HGET', key, 'total'))
local function put(life, old, new)
  replace(total, old, new)
  redis.call('HSET', key, '=' .. life, written(new) .. ' f')
end

-- A life that can be heard knows better, unless it never spoke of this slice. Of one that is dead the ledger's word is
-- the last once its journal is finished; until then the higher one counts.
local function consider(life, high, low)
  local text = redis.call('HGET', key, '=' .. life)
  local old = read(text)
  local quiet = silent(life)
  if text and not old.filled and quiet <= LIVE then return end
  local was_high, was_low = carried(old[1] + old[3], old[2] + old[4])
  local more = high > was_high or (high == was_high and low > was_low)
  if more or not text or (quiet > SETTLED and not open[life]) then put(life, old, {high, low, 0, 0}) end
end

for _, count in ipairs(counts) do
  said[count[1]] = true
  consider(count[1], count[2], count[3])
end
for _, field in ipairs(redis.call('HKEYS', key)) do
  local life = string.match(field, '^=(.*)$')
  if life and not said[life] then consider(life, 0, 0) end
end
redis.call('HSET', key, 'total', written(total), 'seeded', run)
redis.call('EXPIREAT', key, until_)
return 'filled'
"""


class Script:
    """`digest` is what Redis calls it once it has seen the text."""

    __slots__ = ("digest", "text")

    def __init__(self, text: str) -> None:
        self.text = text.encode()
        self.digest = hashlib.sha1(self.text, usedforsecurity=False).hexdigest().encode()


HOLD: Final = Script(_COMMON + _HOLD)
FILL: Final = Script(_COMMON + _FILL)
