-- The twin of core/src/algorithms/token-bucket.ts, where the reasons are.

local MISSING, UPDATED_AT, WINDOW = 1, 2, 3

local MOST_MISSING = 2 ^ 52

return {
  advance = function(cells, at, limit, now)
    local missing = cells[at + MISSING]
    if missing == 0 then
      cells[at + UPDATED_AT] = now
      cells[at + WINDOW] = limit.windowMs
      return
    end
    local window = cells[at + WINDOW]
    if window ~= limit.windowMs then
      missing = math.min(MOST_MISSING, math.ceil((missing / window) * limit.windowMs))
      cells[at + MISSING] = missing
      cells[at + WINDOW] = limit.windowMs
    end
    local elapsed = now - cells[at + UPDATED_AT]
    if elapsed > 0 then
      cells[at + MISSING] = math.max(0, missing - elapsed * limit.quota)
      cells[at + UPDATED_AT] = now
    elseif -elapsed > limit.windowMs then
      cells[at + UPDATED_AT] = now
    end
  end,

  wait = function(cells, at, limit, cost, now)
    if cost > limit.capacity then return math.huge end
    local lacking = cells[at + MISSING] + (cost - limit.capacity) * limit.windowMs
    if lacking <= 0 then return 0 end
    return math.ceil(lacking / limit.quota) + cells[at + UPDATED_AT] - now
  end,

  charge = function(cells, at, limit, cost)
    cells[at + MISSING] = math.min(MOST_MISSING, cells[at + MISSING] + cost * limit.windowMs)
    return cells[at + UPDATED_AT]
  end,

  refund = function(cells, at, limit, cost, ticket)
    local gained = (cells[at + UPDATED_AT] - ticket) * limit.quota
    if gained < 0 then return end
    local owed = math.max(0, cost * limit.windowMs - gained)
    cells[at + MISSING] = math.max(0, cells[at + MISSING] - owed)
  end,

  used = function(cells, at, limit)
    return math.ceil(cells[at + MISSING] / limit.windowMs)
  end,

  resetMs = function(cells, at, limit, now)
    local missing = cells[at + MISSING]
    if missing == 0 then return 0 end
    return math.ceil(missing / limit.quota) + cells[at + UPDATED_AT] - now
  end,
}
