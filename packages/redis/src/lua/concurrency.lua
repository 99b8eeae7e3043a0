-- The twin of core/src/algorithms/concurrency.ts, where the reasons are. Holders are one string, 16 bytes each: when the
-- place is lost, and the ticket. Both only grow along it, so who leaves is found by halving. Copying some hundred holders
-- costs less than the four commands that a sorted set would take; ten thousand in flight are 160 KB at every request.

local HOLDERS, LAST_TICKET = 1, 2

local HOLDER_BYTES = 16

local function expiresAt(holders, place)
  return (struct.unpack("<d", holders, place))
end

local function ticketAt(holders, place)
  return (struct.unpack("<d", holders, place + 8))
end

local function withoutExpired(holders, now)
  local place = 1
  while place <= #holders and expiresAt(holders, place) <= now do place = place + HOLDER_BYTES end
  return place == 1 and holders or holders:sub(place)
end

local function expiringBy(holders, instant)
  local kept = {}
  for place = 1, #holders, HOLDER_BYTES do
    local expiry, ticket = struct.unpack("<dd", holders, place)
    kept[#kept + 1] = struct.pack("<dd", math.min(expiry, instant), ticket)
  end
  return table.concat(kept)
end

-- Where the holder of a ticket stands, if it has not left or expired.
local function placeOf(holders, ticket)
  local low, high = 0, #holders / HOLDER_BYTES - 1
  while low <= high do
    local middle = math.floor((low + high) / 2)
    local found = ticketAt(holders, middle * HOLDER_BYTES + 1)
    if found == ticket then return middle * HOLDER_BYTES + 1 end
    if found < ticket then low = middle + 1 else high = middle - 1 end
  end
end

local function packRow(row)
  return struct.pack("<dd", row[2], row[4]) .. row[3], row[2]
end

return function(limit, now, microseconds)
  local latest = now + limit.windowMs

  limit.nothing, limit.packRow = "", packRow

  function limit.readRow(packed)
    if not packed then return {} end
    local expiry, lastTicket = struct.unpack("<dd", packed)
    return { limit.counterId, expiry, packed:sub(17), lastTicket, 0 }
  end

  local function advance(cells, at)
    local holders = withoutExpired(cells[at + HOLDERS], now)
    if #holders > 0 and expiresAt(holders, #holders - HOLDER_BYTES + 1) > latest then
      holders = expiringBy(holders, latest)
    end
    cells[at + HOLDERS] = holders
  end

  function limit.wait(cells, at)
    advance(cells, at)
    local holders = cells[at + HOLDERS]
    local surplus = #holders / HOLDER_BYTES + 1 - limit.quota
    if surplus <= 0 then return 0 end
    return expiresAt(holders, (surplus - 1) * HOLDER_BYTES + 1) - now
  end

  function limit.state(cells, at)
    local holders = cells[at + HOLDERS]
    if #holders == 0 then return 0, 0 end
    return #holders / HOLDER_BYTES, math.max(0, expiresAt(holders, #holders - HOLDER_BYTES + 1) - now)
  end

  -- Tickets are microseconds of Redis's own clock, so that they are new also where the key has been forgotten.
  function limit.charge(cells, at)
    local ticket = math.max(cells[at + LAST_TICKET] + 1, microseconds)
    cells[at + LAST_TICKET] = ticket
    cells[at + HOLDERS] = cells[at + HOLDERS] .. struct.pack("<dd", latest, ticket)
    return ticket, limit.state(cells, at)
  end

  function limit.refund(cells, at, _, ticket)
    local holders = cells[at + HOLDERS]
    local place = placeOf(holders, ticket)
    if not place then return end
    cells[at + HOLDERS] = holders:sub(1, place - 1) .. holders:sub(place + HOLDER_BYTES)
  end
end
