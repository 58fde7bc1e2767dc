-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_resource_scope" (
    "resource_id" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "risk" TEXT NOT NULL,
    "is_default" BOOLEAN NOT NULL,
    "position" INTEGER NOT NULL,
    "tools" TEXT NOT NULL DEFAULT '',

    PRIMARY KEY ("resource_id", "scope"),
    CONSTRAINT "resource_scope_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resource" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "new_resource_scope" ("description", "is_default", "position", "resource_id", "risk", "scope") SELECT "description", "is_default", "position", "resource_id", "risk", "scope" FROM "resource_scope";
DROP TABLE "resource_scope";
ALTER TABLE "new_resource_scope" RENAME TO "resource_scope";
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;
