-- The twin of core/src/algorithms/token-bucket.ts, where the reasons are. Cells: missing, updatedAt, window.

local max, min, ceil, NEVER = math.max, math.min, math.ceil, math.huge

local MOST_MISSING = 2 ^ 52

local function advance(cells, at, limit, now)
  local missing, window, windowMs = cells[at + 1], cells[at + 3], limit.windowMs
  if missing == 0 then
    cells[at + 2], cells[at + 3] = now, windowMs
    return
  end
  if window ~= windowMs then
    missing = min(MOST_MISSING, ceil((missing / window) * windowMs))
    cells[at + 1], cells[at + 3] = missing, windowMs
  end
  local elapsed = now - cells[at + 2]
  if elapsed > 0 then
    cells[at + 1], cells[at + 2] = max(0, missing - elapsed * limit.quota), now
  elseif -elapsed > windowMs then
    cells[at + 2] = now
  end
end

return {
  wait = function(cells, at, limit, cost, now)
    advance(cells, at, limit, now)
    local capacity = limit.capacity
    if cost > capacity then return NEVER end
    local lacking = cells[at + 1] + (cost - capacity) * limit.windowMs
    if lacking <= 0 then return 0 end
    return ceil(lacking / limit.quota) + cells[at + 2] - now
  end,

  charge = function(cells, at, limit, cost)
    cells[at + 1] = min(MOST_MISSING, cells[at + 1] + cost * limit.windowMs)
    return cells[at + 2]
  end,

  refund = function(cells, at, limit, cost, ticket)
    local gained = (cells[at + 2] - ticket) * limit.quota
    if gained < 0 then return end
    local owed = max(0, cost * limit.windowMs - gained)
    cells[at + 1] = max(0, cells[at + 1] - owed)
  end,

  state = function(cells, at, limit, now)
    local missing = cells[at + 1]
    if missing == 0 then return 0, 0 end
    return ceil(missing / limit.windowMs), ceil(missing / limit.quota) + cells[at + 2] - now
  end,
}
